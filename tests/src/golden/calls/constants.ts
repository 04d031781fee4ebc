// Tensors from nothing.
import { type DType, type Tensor, add, cast, dtypes, equal, full, iota, mul, ones, zeros } from "@stria/core";
import type { Arguments } from "../arguments.ts";
import type { CallTable } from "./call.ts";

function dtype(given: Arguments): DType {
  const name = given.text("dtype", "float32");
  return dtypes.find((known) => known === name) ?? given.unsupported(`of ${name}`);
}

/** start, start + step, ...: `count` numbers. */
function progression(count: number, start: number, step: number): Tensor {
  return add(mul(iota([count], 0, "float32"), step), start);
}

export const constantCalls: CallTable = {
  "torch.arange": (given) => {
    const [start, end, step] = [given.number("start", 0), given.number("end"), given.number("step", 1)];
    return cast(progression(Math.ceil((end - start) / step), start, step), dtype(given));
  },
  "torch.linspace": (given) => {
    const [start, end, steps] = [given.number("start"), given.number("end"), given.number("steps")];
    return cast(progression(steps, start, steps > 1 ? (end - start) / (steps - 1) : 0), dtype(given));
  },
  "torch.eye": (given) => {
    const rows = given.number("n");
    const shape = [rows, given.number("m", rows)];
    return cast(equal(iota(shape, 0), iota(shape, 1)), dtype(given));
  },
  "torch.zeros": (given) => zeros(given.numbers("size"), dtype(given)),
  "torch.ones": (given) => ones(given.numbers("size"), dtype(given)),
  "torch.full": (given) => full(given.numbers("size"), given.number("fill_value"), dtype(given)),
};
