// Batch normalisation takes mean and variance in one pass over its input, block by block, instead of in two: a block is in a cache when it is gone over
// a second time, and the pass can follow the convolution that writes the block.
import {
  add,
  apply,
  at,
  type Aval,
  defineOp,
  div,
  type Graph,
  type GraphNode,
  mul,
  type Op,
  reshape,
  rewrite,
  sizeOf,
  sqrt,
  sub,
  type Tensor,
} from "@stria/core";
import { numberOf } from "./classify.ts";

const channelAxis = 1;
/** Channels that a vector has. */
const fewestChannels = 4;

/** The mean and the biased variance [C] of each channel of x [N, C, ...]. */
const channelMomentsOp: Op = /* @__PURE__ */ defineOp("channelMoments", {
  infer(inputs) {
    const { shape, dtype } = at(inputs, 0);
    const statistic: Aval = { shape: [at(shape, channelAxis)], dtype };
    return [statistic, statistic];
  },
});

function takesMoments(graph: Graph, { op, inputs }: GraphNode): boolean {
  if (op.name !== "batchNormTraining") return false;
  const { shape, dtype } = at(graph.values, at(inputs, 0));
  return dtype === "float32" && sizeOf(shape) > 0 && at(shape, channelAxis) >= fewestChannels;
}

/** The graph with the statistics of batch normalisation as one op. */
export function joinedMoments(graph: Graph): Graph {
  if (!graph.nodes.some((node) => takesMoments(graph, node))) return graph;
  return rewrite(graph, (node, inputs) => {
    if (!takesMoments(graph, node)) return null;
    const [x, weight, bias] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
    const [mean, variance] = apply(channelMomentsOp, [x], {});
    if (!mean || !variance) return null;
    const perChannel = (value: Tensor): Tensor => reshape(value, [1, value.size, ...x.shape.slice(2).map(() => 1)]);
    const factor = div(weight, sqrt(add(variance, numberOf(node.attrs, "epsilon"))));
    const y = add(mul(sub(x, perChannel(mean)), perChannel(factor)), perChannel(bias));
    return [y, mean, variance];
  }).graph;
}
