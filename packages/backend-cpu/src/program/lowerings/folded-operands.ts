// The weight and the bias of a convolution with what follows it channel by channel in them: batch norm by running statistics costs nothing then.
import { at, sizeOf } from "@stria/core";
import { scaleRowsKernel } from "../../kernels/scale-rows.ts";
import type { Expression } from "../../loops/expression.ts";
import { addMap, type Read } from "../elementwise.ts";
import type { ChannelStep } from "../epilogue.ts";
import type { Lowering } from "../lower.ts";
import type { BufferId } from "../steps.ts";
import { wholeView } from "../view.ts";
import type { Rows, ScaledOperands } from "./scaled-operands.ts";

const dtype = "float32";

/** A factor and a term as expressions, one step after the other. */
class Folded {
  readonly expressions: Expression[] = [];
  factor: number | undefined;
  term: number | undefined;

  push(op: "add" | "sub" | "mul" | "div" | "neg", ...inputs: readonly number[]): number {
    return this.expressions.push({ op, inputs, dtype }) - 1;
  }

  add({ op }: ChannelStep, operand: number): void {
    const value = this.expressions.push({ op: "load", operand, dtype }) - 1;
    const { factor, term } = this;
    if (op === "add" || op === "sub") {
      const alone = op === "add" ? value : this.push("neg", value);
      this.term = term === undefined ? alone : this.push(op, term, value);
      return;
    }
    const one = factor ?? this.expressions.push({ op: "constant", value: 1, dtype }) - 1;
    this.factor = factor === undefined && op === "mul" ? value : this.push(op, one, value);
    if (term !== undefined) this.term = this.push(op, term, value);
  }
}

/** One number for each channel of what an operand shows, which has `rank` axes with those before it that are left out. */
function channelRead(l: Lowering, operand: number, rank: number, channels: number): Read {
  const { buffer, view } = l.read(operand);
  const axis = view.shape.length - (rank - 1);
  const isWide = axis >= 0 && at(view.shape, axis) > 1;
  const strides = [isWide ? at(view.strides, axis) : 0];
  return { buffer, dtype, view: { shape: [channels], strides, offset: view.offset } };
}

/** The operands with all steps in them. */
export function foldedOperands(
  l: Lowering,
  weight: number,
  source: BufferId,
  steps: readonly ChannelStep[],
  { outputs, rows }: Rows,
): ScaledOperands {
  const rank = l.shapeOf(weight).length;
  const reads = steps.map(({ operand }) => channelRead(l, operand, rank, outputs));
  const folded = new Folded();
  steps.forEach((step, index) => folded.add(step, index));
  const written = [folded.factor, folded.term].map((expression) =>
    expression === undefined
      ? undefined
      : ({ buffer: l.builder.local(outputs * 4), dtype, view: wholeView([outputs]), expression } as const),
  );
  addMap(
    l.builder,
    [outputs],
    reads,
    folded.expressions,
    written.filter((write) => write !== undefined),
  );
  const [factor, term] = written;
  const bias = term && { buffer: term.buffer, offset: 0 };
  if (!factor) return { weight: source, bias };
  const size = sizeOf(l.shapeOf(weight));
  const target = l.builder.local(size * 4);
  l.builder.step({
    kernel: scaleRowsKernel,
    arguments: [{ buffer: source }, { buffer: factor.buffer }, { buffer: target }, (size / rows) * 4, outputs],
    units: size === 0 ? 0 : rows,
    cost: size / 4,
    reads: [source, factor.buffer],
    writes: [target],
  });
  return { weight: target, bias };
}
