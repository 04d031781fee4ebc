// A contestant in a process of its own, which is told by lines of JSON what to run, and answers with lines of JSON. What its threads do after a run
// disturbs nobody's memory, each has an engine of its own, and one that dies takes nobody with it.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Entrant, Sample } from "./contest.ts";
import { onThreads } from "./rows.ts";

/** Milliseconds after a run until threads have stopped spinning. */
const rest = 30;
/** Milliseconds after which one that has not answered is ended. */
const patience = 300_000;

export type Reply = Readonly<Record<string, unknown>>;

function isReply(value: unknown): value is Reply {
  return typeof value === "object" && value !== null;
}

/** What is said of a process that ended before it answered. */
interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  /** What it wrote last that sounds like a reason. */
  readonly words: string;
}

function reasonOf({ code, signal, words }: Ending, late: boolean): string {
  const how = late
    ? `was ended, since it had not answered within ${patience / 1000} s`
    : signal === "SIGKILL"
      ? "was killed, as a system does that is out of memory"
      : `ended with ${signal ?? `status ${code}`}`;
  return words === "" ? how : `${how}: ${words}`;
}

/** A process that runs. */
class Running {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string, undefined>;
  readonly #ending: Promise<Ending>;

  constructor(command: readonly string[], environment: Readonly<Record<string, string>>) {
    const started = spawn(command[0] ?? "", command.slice(1), { env: { ...process.env, ...environment } });
    this.#process = started;
    this.#lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
    let words = "";
    started.stderr.on("data", (text: Buffer) => {
      process.stderr.write(text);
      const telling = text.toString().match(/^.*(error|memory).*$/gim);
      if (telling) words = telling.at(-1)?.trim().slice(0, 200) ?? words;
    });
    started.stdin.on("error", () => {}); // it has ended: that is what its next answer says
    this.#ending = new Promise((resolve) => {
      started.on("error", ({ message }) => resolve({ code: null, signal: null, words: message }));
      started.on("close", (code, signal) => resolve({ code, signal, words }));
    });
  }

  say(request: Reply): void {
    this.#process.stdin?.write(`${JSON.stringify(request)}\n`);
  }

  /** The next line that it says. @throws Error where it ends instead. */
  async hear(): Promise<string> {
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      this.#process.kill("SIGKILL");
    }, patience);
    try {
      const line = await this.#lines.next();
      if (line.done !== true) return line.value;
    } finally {
      clearTimeout(limit);
    }
    throw new Error(reasonOf(await this.#ending, late));
  }

  /** Ends it, and waits until its memory is given back. */
  async end(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ending;
  }
}

export interface ChildOptions {
  readonly environment?: Readonly<Record<string, string>>;
}

export class Child {
  /** What it is called in reports; what it says first may tell more. */
  readonly name: string;
  readonly #command: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  #running: Running | undefined;
  #said: Reply = {};

  constructor(name: string, command: readonly string[], { environment = {} }: ChildOptions = {}) {
    this.name = name;
    this.#command = command;
    this.#environment = environment;
  }

  /** Starts it, where it does not run: what it said of itself. @throws Error where it cannot be started. */
  async begin(): Promise<Reply> {
    if (this.#running) return this.#said;
    this.#running = new Running(this.#command, this.#environment);
    this.#said = await this.#reply(this.#running);
    return this.#said;
  }

  /** Its answer; started where it does not run. @throws Error with what went wrong there; it is ended then. */
  async ask(request: Reply): Promise<Reply> {
    await this.begin();
    const running = this.#running;
    if (!running) throw new Error(`${this.name} has ended`);
    running.say(request);
    return this.#reply(running);
  }

  async #reply(running: Running): Promise<Reply> {
    try {
      const line = await running.hear();
      const reply: unknown = JSON.parse(line);
      if (!isReply(reply)) throw new TypeError(`it answered ${line}`);
      if (typeof reply["error"] === "string") throw new Error(reply["error"]);
      return reply;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** What was prepared under this name, on so many threads. */
  entrant(net: string, threads: number): Entrant {
    return {
      name: `${this.name}, ${onThreads(threads)}`,
      rest,
      run: async (times): Promise<Sample> => {
        const running = this.#running;
        if (!running) throw new Error("its process has ended");
        running.say({ do: "run", net, threads, times });
        const { wall, processor } = await this.#reply(running);
        return { wall: Number(wall), processor: Number(processor) };
      },
    };
  }

  /** Ends its process; the next request starts another. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.end();
  }
}
