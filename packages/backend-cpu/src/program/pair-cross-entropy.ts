// A cross-entropy and its gradient are one kernel, where what the loss is multiplied with afterwards does not wait for the loss: the exponentials are
// computed once, and the logits are read once.
import { at } from "@stria/core";
import type { Classified } from "./classify.ts";

/** Pairs of nodes: a loss, and the gradient of the same logits and labels. No pair reaches over `boundary`. */
export function crossEntropyPairs(
  { graph, sources, producers }: Classified,
  used: readonly boolean[],
  boundary: number,
): [loss: number, gradient: number][] {
  const losses = new Map<string, number>();
  const pairs: [number, number][] = [];
  graph.nodes.forEach(({ op, inputs }, index) => {
    if (!at(used, index)) return;
    if (op.name === "softmaxCrossEntropy") losses.set(inputs.join(), index);
    if (op.name !== "softmaxCrossEntropyGradient") return;
    const key = inputs.slice(1).join();
    const loss = losses.get(key);
    if (loss === undefined || (loss <= boundary && index > boundary)) return;
    const { root, literal } = at(sources, at(inputs, 0));
    if (literal === undefined && at(producers, root) >= loss) return;
    losses.delete(key);
    pairs.push([loss, index]);
  });
  return pairs;
}
