// A copy between two orders of memory as a step of its own.
import { at, bytesOf, type DType } from "@stria/core";
import { turnArguments, turnedTogether, turnKernel } from "../kernels/turn.ts";
import type { Argument, BufferId, ProgramBuilder } from "./steps.ts";

/** Memory that is read or written, and where in it the first element lies. */
interface Side {
  readonly buffer: BufferId;
  readonly dtype: DType;
  readonly view: { readonly offset: number };
}

/** With fewer elements side by side there are no blocks to turn. */
const leastSide = 4;

/**
 * Adds the step where the elements that are neighbours in what is read are none in what is written; returns whether that is so. `accesses` are what is
 * read and what is written, `strides` theirs along the axes of `sizes`.
 */
export function addTurn(
  builder: ProgramBuilder,
  sizes: readonly number[],
  accesses: readonly Side[],
  strides: readonly (readonly number[])[],
): boolean {
  const [source, target] = accesses;
  if (!source || !target || accesses.length !== 2 || sizes.length > 3) return false;
  if ([source, target].some(({ dtype }) => bytesOf(dtype) !== 4 || dtype !== source.dtype)) return false;
  const [read, written] = [at(strides, 0), at(strides, 1)];
  const [along, across] = [read.indexOf(1), written.indexOf(1)];
  if (along < 0 || across < 0 || along === across || at(written, along) < 1 || at(read, across) < 1) return false;
  const [length, width] = [at(sizes, along), at(sizes, across)];
  if (Math.min(length, width) < leastSide) return false;
  const outer = sizes.findIndex((_, axis) => axis !== along && axis !== across);
  const units = Math.ceil(length / turnedTogether);
  const matrices = outer < 0 ? 1 : at(sizes, outer);
  const addressOf = ({ buffer, view }: Side): Argument => ({ buffer, offset: view.offset * 4 });
  const values: Record<(typeof turnArguments)[number], Argument> = {
    source: addressOf(source),
    target: addressOf(target),
    length,
    width,
    sourceStep: at(read, across) * 4,
    targetStep: at(written, along) * 4,
    sourceMatrix: outer < 0 ? 0 : at(read, outer) * 4,
    targetMatrix: outer < 0 ? 0 : at(written, outer) * 4,
    units,
  };
  builder.step({
    kernel: turnKernel,
    arguments: turnArguments.map((name) => values[name]),
    units: units * matrices,
    cost: (length * width * matrices) / 2,
    reads: [source.buffer],
    writes: [target.buffer],
  });
  return true;
}
