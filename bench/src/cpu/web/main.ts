// onnxruntime-web, tfjs-wasm and onnxruntime-node as contestants, each in a process of its own: `main.ts ort|tfjs|FOLDER THREADS`, FOLDER that of an installed
// onnxruntime-node, then lines of JSON.
import { answerLines } from "../answer-lines.ts";

/** A library that can run the network of files that begin with a path. */
export interface Library {
  /** Makes a network ready. */
  prepare(path: string): Promise<Prepared>;
}

export interface Prepared {
  run(): Promise<void> | void;
  /** The first numbers of its result. */
  values(): Promise<readonly number[]>;
  /** Gives its memory back: thirteen networks at once are more than WebAssembly can address. */
  release(): Promise<void> | void;
}

const [name = "", threads = "1"] = process.argv.slice(2);
const libraries: Readonly<Record<string, () => Promise<Library>>> = {
  ort: async () => (await import("./ort.ts")).onnxruntimeWeb(Number(threads)),
  tfjs: async () => (await import("./tfjs.ts")).tfjsWasm(Number(threads)),
};
const native = async (): Promise<Library> => (await import("./ort.ts")).onnxruntimeNode(name, Number(threads));
const library = await (libraries[name] ?? native)();

const ready = new Map<string, Prepared>();

async function answer(request: unknown): Promise<object> {
  if (typeof request !== "object" || request === null) throw new TypeError("no request");
  const field = (key: string): unknown => Reflect.get(request, key);
  const net = String(field("net"));
  if (field("do") === "prepare") {
    for (const before of ready.values()) await before.release();
    ready.clear();
    const made = await library.prepare(String(field("file")));
    ready.set(net, made);
    globalThis.gc?.(); // the files that it was made of: of VGG-16 two gigabytes
    return { values: await made.values() };
  }
  const made = ready.get(net);
  if (!made) throw new RangeError(`${net} was not prepared`);
  const before = process.cpuUsage();
  const start = performance.now();
  for (let time = Number(field("times")); time > 0; time--) await made.run();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { wall, processor: (user + system) / 1000 };
}

// Libraries that print would break the lines.
console.log = (...words: unknown[]) => console.error(...words);
await answerLines({ library: name, threads }, answer);
