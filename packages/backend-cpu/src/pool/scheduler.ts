// Emits the function that runs a program: every thread walks the same records, takes chunks as it comes, and waits at the end of each stage, which is
// one record or several, until all its chunks are done. No JavaScript runs between kernels, and a thread that sleeps through a program holds nobody up.
import { kernelParameters } from "../kernels/kernel.ts";
import { ModuleBuilder } from "../wasm/assembler.ts";
import { control, record } from "./layout.ts";

/** What `run` returns. */
export const schedulerResult = { complete: 0, fault: 1, stuck: 2 } as const;

/** Turns of the loop before a waiting thread sleeps: about 20 microseconds (0.7 ns each on an AMD EPYC), as long as it takes to sleep and be woken. */
const spins = 30_000;
const sleepNanoseconds = 100_000_000;
/** Sleeps without any progress before the thread that should make it is given up: five minutes. */
const patience = 3000;

/** Emits a module with `run(program, records, scratch): result`. A thread that is alone does each record at once. */
export function emitScheduler(shared: boolean, alone: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ shared, table: true });
  const kernelType = module.type(kernelParameters, []);
  module.function("run", ["i32", "i32", "i32"], ["i32"], (f) => {
    const [program, records, scratch] = [0, 1, 2];
    const index = f.local("i32");
    const entry = f.local("i32");
    const chunk = f.local("i32");
    const begin = f.local("i32");
    const end = f.local("i32");
    const turns = f.local("i32");
    const counter = f.local("i32");
    const done = f.local("i32");
    const seen = f.local("i32");
    const sleeps = f.local("i32");
    const call = (): void => {
      f.get(entry)
        .memory("i32.load", record.arguments)
        .get(begin)
        .get(end)
        .get(scratch)
        .get(entry)
        .memory("i32.load", record.kernel)
        .callIndirect(kernelType);
    };
    f.get(program).set(entry);
    f.i32(0).for(
      index,
      () => f.get(records),
      1,
      () => {
        if (!alone) {
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
              call();
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
        } else {
          f.i32(0).set(begin).get(entry).memory("i32.load", record.units).set(end);
          call();
        }
        f.get(entry).i32(record.bytes).op("i32.add").set(entry);
      },
    );
    f.i32(schedulerResult.complete);
  });
  return module.encode();
}
