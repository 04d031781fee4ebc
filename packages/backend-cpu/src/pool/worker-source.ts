// The whole program of a worker, as text: a worker made from text needs no file beside the package, whoever bundles it.
import { control, firstTableSize, moduleHeader, reservedBytes } from "./layout.ts";
import { schedulerResult } from "./scheduler.ts";

/** What a worker is given when it starts: its first message, or its workerData. */
export type WorkerStart =
  /** One of several threads over shared memory; the caller is thread 0 where it computes. */
  | {
      readonly role: "thread";
      readonly memory: WebAssembly.Memory;
      readonly scheduler: Uint8Array;
      readonly thread: number;
    }
  /** The only owner of a memory, which does what messages ask for. */
  | { readonly role: "owner"; readonly scheduler: Uint8Array; readonly maximumPages: number }
  /** A stopwatch: for each message it runs every trial so many times and answers with the milliseconds of each. */
  | { readonly role: "timer"; readonly trials: readonly Uint8Array[] };

/** Looks at the sequence word before a worker goes to sleep between programs; about 50 microseconds. */
const spins = 3000;

const common = `
const exportsOf = (bytes, env) => new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }).exports;
const newTable = () => new WebAssembly.Table({ element: "anyfunc", initial: ${firstTableSize} });
const fill = (table, kernels) => {
  for (const name in kernels) {
    if (Number(name) >= table.length) table.grow(Math.max(Number(name) + 1 - table.length, table.length));
    table.set(Number(name), kernels[name]);
  }
};
`;

// A sleep ends by itself now and then, so that a wake-up that was missed costs time and not the run.
const thread = `
function thread({ memory, scheduler, thread }, port) {
  const words = new Int32Array(memory.buffer, 0, ${reservedBytes / 4});
  const table = newTable();
  const { run } = exportsOf(scheduler, { memory, table });
  let link = ${control.modules};
  function load() {
    const all = new Int32Array(memory.buffer);
    for (let header; (header = Atomics.load(all, link)) !== 0; link = header + ${moduleHeader.next}) {
      const bytes = new Uint8Array(memory.buffer, (header + ${moduleHeader.words}) * 4, all[header + ${moduleHeader.length}]).slice();
      fill(table, exportsOf(bytes, { memory }));
      Atomics.add(words, ${control.loaded} + thread, 1);
    }
  }
  // What belongs to the program is written before it is, and it is taken away before the next one's is.
  function work() {
    const [program, records, scratch, stride] = [${control.program}, ${control.records}, ${control.scratch}, ${control.scratchStride}].map((word) => Atomics.load(words, word));
    const stays = Atomics.load(words, ${control.program}) === program;
    load(); // also where it comes too late
    return program !== 0 && stays ? run(program, records, scratch + thread * stride) : undefined;
  }
  port.post({ kind: "ready" });
  for (let seen = 0; ; ) {
    for (let turn = 0; Atomics.load(words, ${control.sequence}) === seen; turn++)
      if (turn > ${spins}) Atomics.wait(words, ${control.sequence}, seen, 1000);
    seen = Atomics.load(words, ${control.sequence});
    Atomics.add(words, ${control.active}, 1);
    try {
      if (work() === ${schedulerResult.complete}) {
        Atomics.store(words, ${control.finished}, seen);
        Atomics.notify(words, ${control.finished});
      }
    } catch (error) {
      Atomics.store(words, ${control.fault}, 1);
      throw error;
    } finally {
      Atomics.sub(words, ${control.active}, 1);
      Atomics.notify(words, ${control.active});
    }
  }
}
`;

// What could not be done is remembered by its ticket, and what needs it is not done either.
const owner = `
function owner({ scheduler, maximumPages }, port) {
  const page = 65536;
  const memory = new WebAssembly.Memory({ initial: Math.min(16, maximumPages), maximum: maximumPages });
  const table = newTable();
  const { runAlone } = exportsOf(scheduler, { memory, table });
  const causes = new Map();
  function reach(end) {
    const have = memory.buffer.byteLength / page;
    const missing = Math.ceil(end / page) - have;
    if (missing <= 0) return true;
    for (const pages of [Math.max(missing, have >> 3), missing])
      try { memory.grow(pages); return true; } catch {}
    return false;
  }
  const acts = {
    publish: ({ module }) => fill(table, exportsOf(module, { memory })),
    write: ({ address, bytes }) => new Uint8Array(memory.buffer).set(bytes, address),
    run({ address, words, records, scratch }) {
      new Int32Array(memory.buffer).set(words, address / 4);
      runAlone(address, records, scratch);
    },
    read({ ticket, address, length }) {
      const bytes = memory.buffer.slice(address, address + length);
      port.post({ kind: "data", ticket, bytes }, [bytes]);
    },
  };
  port.receive((message) => {
    const { kind, ticket, needs = [], end = 0 } = message;
    let cause = needs.map((need) => causes.get(need)).find((found) => found !== undefined);
    if (cause === undefined && !reach(end)) {
      cause = ticket;
      port.post({ kind: "full", ticket, end, length: memory.buffer.byteLength });
    }
    if (cause === undefined) acts[kind](message);
    else if (kind === "read") port.post({ kind: "failed", ticket, cause });
    else causes.set(ticket, cause);
  });
  port.post({ kind: "ready" });
}
`;

const timer = `
function timer({ trials }, port) {
  const runs = trials.map((module) => exportsOf(module, { memory: new WebAssembly.Memory({ initial: 2, maximum: 2 }) }).run);
  port.receive(({ times }) => port.post({ kind: "times", times: runs.map((run) => {
    const start = performance.now();
    for (let time = 0; time < times; time++) run(0, 32768, 65536, 0);
    return performance.now() - start;
  }) }));
  port.post({ kind: "ready" });
}
`;

/** What workers do, by role: a host adds how it is started and how messages go. */
export const workerRoles: string = `${common}${thread}${owner}${timer}
const roles = { thread, owner, timer };
`;

// Whoever else asks for the lock gets it when this worker is gone, however it went; that is the only sign that a browser gives.
/** A script for a browser's Worker; its first message is the WorkerStart, with the name of a lock to hold. */
export const browserWorkerSource: string = `${workerRoles}
const port = {
  post: (message, transfer = []) => postMessage(message, transfer),
  receive(act) { onmessage = ({ data }) => act(data); },
};
const hold = (name) => new Promise((held) => {
  if (!navigator.locks) return held();
  navigator.locks.request(name, () => new Promise(() => held())).catch(held);
});
onmessage = ({ data: { start, lock } }) => {
  hold(lock).then(() => roles[start.role](start, port)).catch((error) => setTimeout(() => { throw error; }));
};
`;
