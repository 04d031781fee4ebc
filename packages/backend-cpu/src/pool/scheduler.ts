// Emits the functions that run a program. Of several threads every one walks the same records, takes chunks as it comes, and waits at the end of each stage,
// which is one record or several, until all its chunks are done. No JavaScript runs between kernels, and a thread that sleeps through a program holds nobody up.
import { kernelParameters } from "../kernels/kernel.ts";
import { ModuleBuilder } from "../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import { control, record } from "./layout.ts";

/** What `run` returns. */
export const schedulerResult = { complete: 0, fault: 1, stuck: 2 } as const;

/** Turns of the loop before a waiting thread sleeps: about 20 microseconds (0.7 ns each on an AMD EPYC), as long as it takes to sleep and be woken. */
const spins = 30_000;
const sleepNanoseconds = 100_000_000;
/** Sleeps without any progress before the thread that should make it is given up: five minutes. */
const patience = 3000;

/** The parameters of what is emitted: address of the first record, number of records, the thread's scratch memory. */
const [program, records, scratch] = [0, 1, 2];

/** Emits a module with `runAlone(program, records, scratch): result`, which does each record at once; and with `run`, of the same form, where others help. */
export function emitScheduler(shared: boolean, alone: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ shared, table: true });
  const kernelType = module.type(kernelParameters, []);
  const add = (name: string, body: (f: FunctionBuilder, entry: Local, call: Call) => void): void => {
    module.function(name, ["i32", "i32", "i32"], ["i32"], (f) => {
      const [index, entry, begin, end] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
      const [unit, unitEnd] = [f.local("i32"), f.local("i32")];
      const callOne = (called: number, words: number, first: Local, last: Local): void => {
        f.get(entry).memory("i32.load", words).get(first).get(last).get(scratch);
        f.get(entry).memory("i32.load", called).callIndirect(kernelType);
      };
      /** Where two kernels do a chunk they do it unit by unit, so that the second finds in a cache what the first has written. */
      const both = (): void =>
        void f.get(begin).for(
          unit,
          () => f.get(end),
          1,
          () => {
            f.get(unit).i32(1).op("i32.add").set(unitEnd);
            callOne(record.kernel, record.arguments, unit, unitEnd);
            callOne(record.nextKernel, record.nextArguments, unit, unitEnd);
          },
        );
      const kernel = (): void =>
        void f
          .get(entry)
          .memory("i32.load", record.nextArguments)
          .if(both, () => callOne(record.kernel, record.arguments, begin, end));
      f.get(program).set(entry);
      f.i32(0).for(
        index,
        () => f.get(records),
        1,
        () => {
          body(f, entry, { begin, end, kernel });
          f.get(entry).i32(record.bytes).op("i32.add").set(entry);
        },
      );
      f.i32(schedulerResult.complete);
    });
  };
  add("runAlone", (f, entry, { begin, end, kernel }) => {
    f.i32(0).set(begin).get(entry).memory("i32.load", record.units).set(end);
    kernel();
  });
  if (!alone)
    add("run", (f, entry, call) => {
      takeChunks(f, entry, call);
      waitForOthers(f, entry);
    });
  return module.encode();
}

/** A call of the record's kernel, and the units that it does. */
interface Call {
  readonly begin: Local;
  readonly end: Local;
  readonly kernel: () => void;
}

/** Takes chunks of a record until none is left. */
function takeChunks(f: FunctionBuilder, entry: Local, { begin, end, kernel }: Call): void {
  const [chunk, counter] = [f.local("i32"), f.local("i32")];
  f.block(() =>
    f.loop(() => {
      f.get(entry)
        .i32(1)
        .atomic("i32.atomic.rmw.add", record.next)
        .tee(chunk)
        .get(entry)
        .memory("i32.load", record.chunks)
        .op("i32.ge_u")
        .branchIf(1);
      f.get(chunk).get(entry).memory("i32.load", record.grain).op("i32.mul").tee(begin);
      f.get(entry).memory("i32.load", record.grain).op("i32.add").set(end);
      f.get(end)
        .get(entry)
        .memory("i32.load", record.units)
        .get(end)
        .get(entry)
        .memory("i32.load", record.units)
        .op("i32.lt_u", "select")
        .set(end);
      kernel();
      f.get(entry).get(entry).memory("i32.load", record.counter).op("i32.add").tee(counter);
      f.i32(1).atomic("i32.atomic.rmw.add", 0).i32(1).op("i32.add");
      // The record behind the counter says how many there have to be.
      f.get(counter)
        .memory("i32.load", record.due - record.done)
        .op("i32.eq");
      f.if(() => f.get(counter).i32(-1).atomic("memory.atomic.notify", 0).op("drop"));
      f.branch(0);
    }),
  );
}

/** Waits at the last record of a stage until all chunks of the stage are done; goes on at once at the others. */
function waitForOthers(f: FunctionBuilder, entry: Local): void {
  const [turns, done, seen, sleeps] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
  f.i32(0).set(turns).i32(0).set(sleeps);
  f.block(() =>
    f.loop(() => {
      f.get(entry)
        .atomic("i32.atomic.load", record.done)
        .tee(done)
        .get(entry)
        .memory("i32.load", record.due)
        .op("i32.ge_u")
        .branchIf(1);
      f.get(turns).i32(1).op("i32.add").tee(turns).i32(spins).op("i32.lt_u").branchIf(0);
      f.get(entry).get(done).i64(sleepNanoseconds).atomic("memory.atomic.wait32", record.done).op("drop");
      f.i32(control.fault * 4)
        .atomic("i32.atomic.load")
        .if(() => f.i32(schedulerResult.fault).op("return"));
      f.get(done)
        .get(seen)
        .op("i32.eq")
        .if(
          () => f.get(sleeps).i32(1).op("i32.add").set(sleeps),
          () => f.i32(0).set(sleeps),
        );
      f.get(done).set(seen);
      f.get(sleeps)
        .i32(patience)
        .op("i32.gt_u")
        .if(() => f.i32(schedulerResult.stuck).op("return"));
      f.branch(0);
    }),
  );
}
