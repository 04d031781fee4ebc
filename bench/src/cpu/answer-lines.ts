// How a contestant in a process of its own talks: one line of JSON for each line that it is given, until there are no more.
import { createInterface } from "node:readline";

/** Says who it is, then answers each request; where that fails, with the reason. Ends the process. */
export async function answerLines(greeting: object, answer: (request: unknown) => Promise<object>): Promise<never> {
  const say = (reply: object): void => void process.stdout.write(`${JSON.stringify(reply)}\n`);
  say(greeting);
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const request: unknown = JSON.parse(line);
      say(await answer(request));
    } catch (error) {
      say({ error: error instanceof Error ? error.message : String(error) });
    }
  }
  process.exit(0);
}
