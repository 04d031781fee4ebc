// Programs over memory that one worker owns: the place for a page that shares no memory. This thread keeps the book on addresses and sends everything
// else as messages, which arrive in order; so memory may be given to the next user as soon as the message of the last one is sent.
import type { BackendError, DType, TypedArray } from "@stria/core";
import { allocate } from "@stria/core";
import { Arena } from "../memory/arena.ts";
import { maximumPages as allPages } from "../wasm/assembler.ts";
import type { Fate } from "./fate.ts";
import { reservedBytes } from "./layout.ts";
import type { Place, Run, Ticket } from "./place.ts";
import { emitScheduler } from "./scheduler.ts";
import { startThread, type Thread } from "./workers.ts";

interface Reader {
  resolve(bytes: ArrayBuffer): void;
  reject(error: unknown): void;
}

export class WorkerPlace implements Place {
  readonly arena: Arena = new Arena(reservedBytes, () => true);
  readonly threads: number = 1;
  readonly shared: boolean = false;
  readonly inline: boolean = false;
  readonly #fate: Fate;
  readonly #worker: Thread;
  readonly #readers = new Map<number, Reader>();
  /** Why memory could not be filled, by ticket. What needs it fails for the same reason; the worker sees to that. */
  readonly #failures = new Map<Ticket, BackendError>();
  #lastTicket = 0;

  constructor(fate: Fate, maximumPages: number = allPages) {
    this.#fate = fate;
    this.#worker = startThread({ role: "owner", scheduler: emitScheduler(false, true), maximumPages }, (reason) => {
      fate.lose(reason);
      for (const [id, reader] of this.#readers) this.#answered(id, () => reader.reject(fate.error()));
    });
    this.#worker.onMessage((message) => this.#receive(message));
  }

  begin(): Promise<void> {
    return this.#worker.ready;
  }

  publish(module: Uint8Array<ArrayBuffer>): void {
    this.#worker.post({ kind: "publish", module }, [module.buffer]);
  }

  write(address: number, data: TypedArray): Ticket {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    const ticket = ++this.#lastTicket;
    const end = address + bytes.length;
    this.#worker.post({ kind: "write", ticket, needs: [], end, address, bytes }, [bytes.buffer]);
    return ticket;
  }

  async read(address: number, dtype: DType, length: number, filledBy: Ticket): Promise<TypedArray> {
    this.#fate.check();
    const data = allocate(dtype, length);
    const id = ++this.#lastTicket;
    const bytes = await new Promise<ArrayBuffer>((resolve, reject) => {
      this.#readers.set(id, { resolve, reject });
      this.#worker.keepProcess(true);
      this.#worker.post({ kind: "read", ticket: id, needs: [filledBy], end: 0, address, length: data.byteLength }, []);
    });
    new Uint8Array(data.buffer).set(new Uint8Array(bytes));
    return data;
  }

  run({ words, address, records, scratch, end, needs }: Run, done: () => void): Ticket {
    try {
      this.#fate.check();
      const ticket = ++this.#lastTicket;
      const run = { ticket, words, address, records, scratch, end, needs };
      this.#worker.post({ kind: "run", ...run }, words ? [words.buffer] : []);
      return ticket;
    } finally {
      done();
    }
  }

  afterPrograms(action: () => void): void {
    action();
  }

  waitUntilIdle(): void {}

  stop(): void {
    this.#worker.stop();
    for (const [id, reader] of this.#readers) this.#answered(id, () => reader.reject(this.#fate.error()));
  }

  #answered(id: number, settle: () => void): void {
    this.#readers.delete(id);
    if (this.#readers.size === 0) this.#worker.keepProcess(false);
    settle();
  }

  #receive(message: Readonly<Record<string, unknown>>): void {
    const { kind, ticket, bytes } = message;
    if (typeof ticket !== "number") return;
    if (kind === "full") {
      const length = Number(message["length"]);
      this.#failures.set(ticket, this.arena.endsAt(length, Number(message["end"]) - length));
    }
    const reader = this.#readers.get(ticket);
    if (kind === "data" && bytes instanceof ArrayBuffer) this.#answered(ticket, () => reader?.resolve(bytes));
    if (kind === "failed")
      this.#answered(ticket, () => reader?.reject(this.#failures.get(Number(message["cause"])) ?? this.#fate.error()));
  }
}
