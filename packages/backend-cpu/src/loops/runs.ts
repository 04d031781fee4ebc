// Walking over a part of an axis that is a list of runs.
import type { FunctionBuilder, Local } from "../wasm/function.ts";

/** Does `body` for each run of a part, with its bounds in two locals. `table` holds the address of a table as `partsTable` makes it. */
export function eachRun(
  f: FunctionBuilder,
  table: Local,
  part: Local,
  { start, end }: { readonly start: Local; readonly end: Local },
  body: () => void,
): void {
  const [run, last] = [f.local("i32"), f.local("i32")];
  f.get(table).plus(part, 4).memory("i32.load", 4).get(table).op("i32.add").set(last);
  f.get(table)
    .plus(part, 4)
    .memory("i32.load")
    .get(table)
    .op("i32.add")
    .for(
      run,
      () => f.get(last),
      8,
      () => {
        f.get(run).memory("i32.load").tee(start).get(run).memory("i32.load", 4).op("i32.add").set(end);
        body();
      },
    );
}
