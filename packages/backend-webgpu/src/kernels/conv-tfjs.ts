// TF.js's tiled convolution, for large two-dimensional convolutions without groups: there its workgroup memory pays for the transpositions.
// In NHWC, because its NCHW is wrong where it works on four columns at once (4.22).
import { type NodeSpec, at, sizeOf, stridesOf } from "@stria/core";
import { numberOf, numbersOf, pairsOf } from "../attributes.ts";
import { stridedMap } from "../engine/strided-map.ts";
import { outputOf } from "../kernel.ts";
import type { Runtime } from "../runtime.ts";
import type { DeviceTensor } from "../tensor.ts";

/** Multiply-adds from which on it is worth while, and channels below which its tiles stay empty. */
const manyProducts = 2 ** 27;
const enoughChannels = 32;

export function worthTfjsConv(node: NodeSpec): boolean {
  const [w, y] = [at(node.inputs, 1).shape, outputOf(node).shape];
  const [outChannels, inChannels] = [at(w, 0), at(w, 1)];
  return (
    w.length === 4 &&
    numberOf(node.attrs, "groups") === 1 &&
    outChannels >= enoughChannels &&
    inChannels >= enoughChannels &&
    outChannels % 4 === 0 &&
    inChannels % 4 === 0 &&
    (sizeOf(y) / outChannels) * sizeOf(w) >= manyProducts
  );
}

/** The tensor with its axes in another order: output axis k is input axis `permutation[k]`. */
function permuted(runtime: Runtime, tensor: DeviceTensor, permutation: readonly number[]): DeviceTensor {
  const { shape, dtype } = tensor.aval;
  const output = runtime.allocate({ shape: permutation.map((axis) => at(shape, axis)), dtype }, [tensor]);
  const strides = stridesOf(shape);
  stridedMap(
    runtime,
    { key: "copy", expression: "a" },
    output.aval.shape,
    [{ tensor, strides: permutation.map((axis) => at(strides, axis)) }],
    output,
  );
  return output;
}

export function convByTfjs(runtime: Runtime, node: NodeSpec, x: DeviceTensor, w: DeviceTensor): DeviceTensor {
  const [down, right] = pairsOf(node.attrs, "padding");
  if (!down || !right) throw new RangeError("TF.js convolves over two axes");
  const channelsLast = permuted(runtime, x, [0, 2, 3, 1]);
  const kernel = permuted(runtime, w, [2, 3, 1, 0]);
  const { shape, dtype } = outputOf(node);
  const result = runtime.runTfjs(
    "Conv2D",
    { x: [channelsLast, channelsLast.aval.shape], filter: [kernel, kernel.aval.shape] },
    {
      strides: numbersOf(node.attrs, "stride"),
      dilations: numbersOf(node.attrs, "dilation"),
      pad: [[0, 0], down, right, [0, 0]],
      dataFormat: "NHWC",
    },
    { shape: [at(shape, 0), at(shape, 2), at(shape, 3), at(shape, 1)], dtype },
  );
  const output = permuted(runtime, result, [0, 3, 1, 2]);
  for (const tensor of [channelsLast, kernel, result]) runtime.free(tensor);
  return output;
}
