// What ONNX Runtime costs beside the computation: the copies of inputs and outputs at every run.
import { onnx } from "@stria/backend-onnx";
import { type Backend, type Executable, type Tensor, add, compile, tensor, useBackend } from "@stria/core";
import type { Row, SuiteOptions } from "./row.ts";
import { compete } from "./timing.ts";

/** A run that adds `count` numbers to a tensor of `length` elements, one after the other; the result is not read back. */
async function chain(backend: Backend, length: number, count: number): Promise<() => Promise<void>> {
  const made = (size: number, additions: number): Promise<Executable> => {
    const f = compile((x: Tensor): Tensor =>
      Array.from({ length: additions }, (_, index) => index + 1).reduce((y, number) => add(y, number), x),
    );
    return backend.compile(f.graph(tensor(new Float32Array(size))));
  };
  const [program, flush] = [await made(length, count), await made(1, 1)];
  const x = backend.upload(new Float32Array(length), { shape: [length], dtype: "float32" });
  const small = backend.upload(new Float32Array(1), { shape: [1], dtype: "float32" });
  return async () => {
    for (const y of program.run([x], [])) backend.free(y);
    // Runs are in order: when this one's result is there, the other is done.
    for (const y of flush.run([small], [])) {
      await backend.download(y);
      backend.free(y);
    }
  };
}

/** What the copies cost, for several sizes. */
export async function measure({ threads }: SuiteOptions): Promise<Row[]> {
  const backend = await useBackend(onnx({ threads }));
  const rows: Row[] = [];
  for (const kilobytes of [1, 64, 1024, 4096, 16384]) {
    const length = kilobytes * 256;
    const [one, nine] = await compete([
      { name: `add to ${kilobytes} kB in and out`, run: await chain(backend, length, 1) },
      { name: "nine additions", run: await chain(backend, length, 9) },
    ]);
    if (!one || !nine) continue;
    const addition = (nine.fastest - one.fastest) / 8;
    rows.push({ ...one, figures: { "addition ms": addition, "beside it ms": one.fastest - addition } });
  }
  return rows;
}
