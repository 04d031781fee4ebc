// The whole program of a worker thread, as text: a worker made from text needs no file beside the package, whoever bundles it.
import { control, moduleHeader, reservedBytes, tableSize } from "./layout.ts";

/** What a worker is given when it starts. */
export interface WorkerStart {
  readonly memory: WebAssembly.Memory;
  /** The module of scheduler.ts. */
  readonly scheduler: Uint8Array;
  /** The thread's number; the caller is thread 0 where it computes. */
  readonly thread: number;
}

/** Looks at the sequence word before a worker goes to sleep between programs; about 50 microseconds. */
const spins = 3000;

// A sleep ends by itself now and then, so that a wake-up that was missed costs time and not the run.
const body = `
function work({ memory, scheduler, thread }) {
  const words = new Int32Array(memory.buffer, 0, ${reservedBytes / 4});
  const table = new WebAssembly.Table({ element: "anyfunc", initial: ${tableSize} });
  const instantiate = (bytes) => new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory, table } }).exports;
  const { run } = instantiate(scheduler);
  let link = ${control.modules};
  function load() {
    const all = new Int32Array(memory.buffer);
    for (let header; (header = Atomics.load(all, link)) !== 0; link = header + ${moduleHeader.next}) {
      const kernels = instantiate(new Uint8Array(memory.buffer, (header + ${moduleHeader.words}) * 4, all[header + ${moduleHeader.length}]).slice());
      for (const name in kernels) table.set(Number(name), kernels[name]);
      Atomics.add(words, ${control.loaded} + thread, 1);
    }
  }
  for (let seen = 0; ; ) {
    for (let turn = 0; Atomics.load(words, ${control.sequence}) === seen; turn++)
      if (turn > ${spins}) Atomics.wait(words, ${control.sequence}, seen, 1000);
    seen = Atomics.load(words, ${control.sequence});
    Atomics.add(words, ${control.active}, 1);
    try {
      const program = Atomics.load(words, ${control.program});
      if (program !== 0) {
        load();
        const scratch = words[${control.scratch}] + thread * words[${control.scratchStride}];
        if (run(program, words[${control.records}], scratch) === 0) {
          Atomics.store(words, ${control.finished}, seen);
          Atomics.notify(words, ${control.finished});
        }
      }
    } catch (error) {
      Atomics.store(words, ${control.fault}, thread);
      throw error;
    } finally {
      Atomics.sub(words, ${control.active}, 1);
      Atomics.notify(words, ${control.active});
    }
  }
}
`;

/** A module for node:worker_threads. */
export const nodeWorkerSource: string = `import { workerData } from "node:worker_threads";\n${body}\nwork(workerData);\n`;

/** A script for a browser's Worker; its first message is the WorkerStart. */
export const browserWorkerSource: string = `${body}\nonmessage = ({ data }) => work(data);\n`;
