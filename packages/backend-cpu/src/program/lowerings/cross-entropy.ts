// softmaxCrossEntropy and its gradient: each a kernel of its own, or both one, see program/pair-cross-entropy.ts.
import { at, type GraphNode, type NodeSpec, sizeOf } from "@stria/core";
import { crossEntropyArguments, crossEntropyKernel, rowsTogether } from "../../kernels/cross-entropy.ts";
import type { Lowering } from "../lower.ts";
import type { Argument, BufferId } from "../steps.ts";
import { inputOf } from "./rule.ts";

/** Vector operations for four elements. */
const cost = 40;

/** Whether the kernel computes a node. */
export function takesCrossEntropy({ outputs, inputs }: NodeSpec): boolean {
  return [...outputs, ...inputs].every(({ shape, dtype }) => dtype !== "float16" && sizeOf(shape) > 0);
}

/** What is to be written: a node each. */
interface Wanted {
  readonly loss: GraphNode | undefined;
  readonly gradient: GraphNode | undefined;
}

function addSteps(l: Lowering, logits: number, labels: number, { loss, gradient }: Wanted): void {
  const shape = l.shapeOf(logits);
  const classes = at(shape, 1);
  const rows = sizeOf(shape) / classes;
  const [source, truth] = [l.ordered(logits, "channels-last"), l.dense(labels)];
  const weights = gradient && weightsOf(l, inputOf(gradient, 0));
  const addStep = (losses: BufferId | undefined, target: BufferId | undefined): void => {
    const words: Readonly<Record<(typeof crossEntropyArguments)[number], Argument>> = {
      logits: { buffer: source },
      labels: { buffer: truth },
      losses: losses === undefined ? 0 : { buffer: losses },
      weights: weights ? { buffer: weights.buffer, offset: weights.offset * 4 } : 0,
      gradient: target === undefined ? 0 : { buffer: target },
      weightStep: weights?.step ?? 0,
      classes,
      rows,
    };
    l.builder.step({
      kernel: crossEntropyKernel({ loss: losses !== undefined, gradient: target !== undefined, fused: l.tile.fused }),
      arguments: crossEntropyArguments.map((name) => words[name]),
      units: Math.ceil(rows / rowsTogether),
      cost: (sizeOf(shape) / 4) * cost,
      reads: [source, truth, ...(weights ? [weights.buffer] : [])],
      writes: [losses, target].flatMap((buffer) => buffer ?? []),
    });
  };
  const withGradient = (losses: BufferId | undefined): void =>
    gradient
      ? l.write(at(gradient.outputs, 0), "channels-last", (target) => addStep(losses, target))
      : addStep(losses, undefined);
  if (loss) l.write(at(loss.outputs, 0), "row-major", withGradient);
  else withGradient(undefined);
}

/** What each row's gradient is multiplied with: one number for each row, or one for all. */
function weightsOf(l: Lowering, value: number): { buffer: BufferId; offset: number; step: number } {
  const { buffer, view } = l.read(value);
  const isOne = view.strides.every((stride, axis) => stride === 0 || view.shape[axis] === 1);
  return isOne ? { buffer, offset: view.offset, step: 0 } : { buffer: l.dense(value), offset: 0, step: 4 };
}

/** The loss; `others` may hold its gradient. */
export function crossEntropy(l: Lowering, node: GraphNode, _: unknown, others: readonly GraphNode[]): void {
  addSteps(l, inputOf(node, 0), inputOf(node, 1), { loss: node, gradient: others[0] });
}

export function crossEntropyGradient(l: Lowering, node: GraphNode): void {
  addSteps(l, inputOf(node, 1), inputOf(node, 2), { loss: undefined, gradient: node });
}
