// The user's line in a stack: the first that is in none of this library's packages.

const own =
  /[/\\](?:@stria[/\\][\w-]+|packages[/\\](?:core|layers|optimizers|training|data|zoo|onnx|backend-\w+))[/\\](?:src|dist)[/\\]/;

/** `at main (/home/me/app.ts:12:7)`: where the call comes from that is being worked on. */
export function callSite(): string {
  const limit: unknown = Reflect.get(Error, "stackTraceLimit"); // V8's, 10 frames: not enough to get out of here
  Reflect.set(Error, "stackTraceLimit", 60);
  const lines = new Error("site").stack?.split("\n").slice(1) ?? [];
  Reflect.set(Error, "stackTraceLimit", limit);
  return (lines.find((line) => !own.test(line) && !line.includes("<anonymous>")) ?? "an unknown place").trim();
}
