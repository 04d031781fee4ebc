// A contestant in a process of its own, which is told by lines of JSON what to run, and answers with lines of JSON. What its threads do after a run
// disturbs nobody's memory, and each has an engine of its own.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Entrant, Sample } from "./contest.ts";

/** Milliseconds after a run until threads have stopped spinning. */
const rest = 30;

export type Reply = Readonly<Record<string, unknown>>;

function isReply(value: unknown): value is Reply {
  return typeof value === "object" && value !== null;
}

export class Child {
  /** What it is called in reports; it may say itself what that should be. */
  name: string;
  readonly #process: ReturnType<typeof spawn>;
  readonly #lines: AsyncIterator<string, undefined>;

  constructor(name: string, command: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.name = name;
    this.#process = spawn(command[0] ?? "", command.slice(1), {
      env: { ...process.env, ...environment },
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (!this.#process.stdout) throw new Error("the child process has no output");
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** The next line that it says. @throws what went wrong there. */
  async reply(): Promise<Reply> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`${this.name} ended`);
    const reply: unknown = JSON.parse(line.value);
    if (!isReply(reply)) throw new Error(`${this.name} answered ${line.value}`);
    if (typeof reply["error"] === "string") throw new Error(`${this.name}: ${reply["error"]}`);
    return reply;
  }

  async ask(request: Reply): Promise<Reply> {
    this.#process.stdin?.write(`${JSON.stringify(request)}\n`);
    return this.reply();
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
    this.#process.stdin?.end();
  }
}
