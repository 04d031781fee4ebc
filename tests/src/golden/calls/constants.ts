// Tensors from nothing.
import { type DType, arange, dtypes, eye, full, linspace, ones, zeros } from "@stria/core";
import type { Arguments } from "../arguments.ts";
import type { CallTable } from "./call.ts";

function dtype(given: Arguments): DType {
  const name = given.text("dtype", "float32");
  // PyTorch's whole numbers have 64 bits.
  return dtypes.find((known) => known === name.replace("int64", "int32")) ?? given.unsupported(`of ${name}`);
}

export const constantCalls: CallTable = {
  "torch.arange": (given) => {
    return arange(given.number("start", 0), given.number("end"), given.number("step", 1), dtype(given));
  },
  "torch.linspace": (given) => {
    return linspace(given.number("start"), given.number("end"), given.number("steps"), dtype(given));
  },
  "torch.eye": (given) => {
    const rows = given.number("n");
    return eye(rows, given.number("m", rows), dtype(given));
  },
  "torch.zeros": (given) => zeros(given.numbers("size"), dtype(given)),
  "torch.ones": (given) => ones(given.numbers("size"), dtype(given)),
  "torch.full": (given) => full(given.numbers("size"), given.number("fill_value"), dtype(given)),
};
