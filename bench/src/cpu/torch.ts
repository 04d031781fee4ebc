// PyTorch as a contestant: peer.py in a child process, as it is installed and limited to 128-bit lanes.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Entrant, Sample } from "./contest.ts";

/** What keeps PyTorch to the lanes that WebAssembly has. */
const narrow = { ONEDNN_MAX_CPU_ISA: "SSE41", ATEN_CPU_CAPABILITY: "default", MKL_CBWR: "COMPATIBLE" };

/** Milliseconds after a run until OpenMP's threads have stopped spinning. */
const rest = 30;

type Reply = Readonly<Record<string, unknown>>;

function isReply(value: unknown): value is Reply {
  return typeof value === "object" && value !== null;
}

/** One child process. */
export class Torch {
  readonly name: string;
  readonly #child: ReturnType<typeof spawn>;
  readonly #lines: AsyncIterator<string, undefined>;

  private constructor(name: string, python: string, environment: Readonly<Record<string, string>>) {
    this.name = name;
    this.#child = spawn(python, [fileURLToPath(new URL("peer.py", import.meta.url))], {
      env: { ...process.env, ...environment },
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (!this.#child.stdout) throw new Error("the child process has no output");
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** PyTorch as installed, and limited; none where there is no Python with it. */
  static async start(python: string | undefined): Promise<Torch[]> {
    if (python === undefined) return [];
    const started: Torch[] = [];
    for (const [name, environment] of [
      ["PyTorch", {}],
      ["PyTorch, 128-bit", narrow],
    ] as const) {
      const torch = new Torch(name, python, environment);
      const about = await torch.#reply();
      console.log(`${name}: ${JSON.stringify(about)}`);
      started.push(torch);
    }
    return started;
  }

  async #reply(): Promise<Reply> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`${this.name} ended: is there a Python with torch (and torchvision)?`);
    const reply: unknown = JSON.parse(line.value);
    if (!isReply(reply)) throw new Error(`${this.name} answered ${line.value}`);
    if (typeof reply["error"] === "string") throw new Error(`${this.name}: ${reply["error"]}`);
    return reply;
  }

  /** @throws what went wrong in Python. */
  async ask(request: Reply): Promise<Reply> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    return this.#reply();
  }

  /** What was prepared under this name, on so many threads. */
  entrant(net: string, threads: number): Entrant {
    return {
      name: `${this.name}, ${threads} thread${threads === 1 ? "" : "s"}`,
      rest,
      run: async (times): Promise<Sample> => {
        const { wall, processor } = await this.ask({ do: "run", net, threads, times });
        return { wall: Number(wall), processor: Number(processor) };
      },
    };
  }

  stop(): void {
    this.#child.stdin?.end();
  }
}
