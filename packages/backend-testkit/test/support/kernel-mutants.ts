// Wrong kernels: the reference's table with one entry changed in the way that real backends get it wrong.
import { at } from "@stria/core";

import {
  type Table,
  isInt,
  noNaN,
  numbers,
  pairs,
  pairwise,
  right,
  saturated,
  withAttrs,
  withInputs,
  withResults,
} from "./mutate.ts";

/** Of equals, the last one in a row of the plane wins. */
const tiesToLast: Table = {
  maxPool: (inputs, node) => {
    const x = at(inputs, 0);
    const [values, indices] = right("maxPool")(inputs, node);
    if (!values || !indices) throw new Error("maxPool");
    const plane = at(node.inputs, 0)
      .shape.slice(2)
      .reduce((a, b) => a * b, 1);
    const places = at(node.outputs, 0)
      .shape.slice(2)
      .reduce((a, b) => a * b, 1);
    const step = numbers(node.attrs["dilation"]).at(-1) ?? 1;
    const moved = indices.map((winner, i) => {
      const first = Math.floor(i / places) * plane;
      return winner + step < plane && x[first + winner] === x[first + winner + step] ? winner + step : winner;
    });
    return [values, moved];
  },
};

/** What each mutant is, its kernels, and the check that has to catch it. */
export const kernelMutants: Readonly<Record<string, readonly [Table, caughtBy: string]>> = {
  "conv: padding before and after swapped": [
    withAttrs("conv", ({ padding }) => ({
      padding: pairs(padding).map(([before, after]) => [after, before] as const),
    })),
    "required op: conv",
  ],
  "conv: no padding before": [
    withAttrs("conv", ({ padding }) => ({ padding: pairs(padding).map(([, after]) => [0, after] as const) })),
    "gradient: conv 2-D",
  ],
  "conv: dilation one too small": [
    withAttrs("conv", ({ dilation }) => ({ dilation: numbers(dilation).map((d) => Math.max(1, d - 1)) })),
    "required op: conv",
  ],
  "conv: groups ignored": [withAttrs("conv", () => ({ groups: 1 })), "required op: conv"],
  "conv: the first axis's stride everywhere": [
    withAttrs("conv", ({ stride }) => ({ stride: numbers(stride).map((_, __, all) => at(all, 0)) })),
    "required op: conv",
  ],
  "convTranspose: padding ignored": [
    withAttrs("convTranspose", ({ padding }) => ({ padding: pairs(padding).map(() => [0, 0] as const) })),
    "required op: convTranspose",
  ],
  "convTranspose: dilation ignored": [
    withAttrs("convTranspose", ({ dilation }) => ({ dilation: numbers(dilation).map(() => 1) })),
    "required op: convTranspose",
  ],
  "convWeightGradient: groups ignored": [
    withAttrs("convWeightGradient", () => ({ groups: 1 })),
    "optional op: convWeightGradient",
  ],
  "convWeightGradient: the first sample counts twice": [
    {
      convWeightGradient: ([x, dy], node) => {
        if (!x || !dy) throw new Error("inputs");
        const one = dy.length / at(at(node.inputs, 1).shape, 0);
        return right("convWeightGradient")([x, dy.map((v, i) => (i < one ? 2 * v : v))], node);
      },
    },
    "optional op: convWeightGradient",
  ],
  "maxPool: ties to the last": [tiesToLast, "required op: maxPool"],
  "maxPool: NaN swallowed": [withInputs("maxPool", noNaN), "required op: maxPool"],
  "maxPool: padding wins as 0": [
    {
      maxPool: (inputs, node) =>
        right("maxPool")(inputs, node).map((y, k) => (k === 0 ? y.map((v) => Math.max(v, 0)) : y)),
    },
    "required op: maxPool",
  ],
  "avgPool: dilation ignored": [
    withAttrs("avgPool", ({ dilation }) => ({ dilation: numbers(dilation).map(() => 1) })),
    "optional op: avgPool",
  ],
  "max: NaN swallowed": [withInputs("max", noNaN), "required op: max"],
  "maximum: NaN of one side swallowed": [
    pairwise("maximum", (a, b) => (Number.isNaN(a) ? b : Math.max(a, b))),
    "required op: maximum",
  ],
  "sign: NaN becomes 0": [withInputs("sign", (x) => (Number.isNaN(x) ? 0 : x)), "required op: sign"],
  "equal: NaN equals NaN": [pairwise("equal", (a, b) => Number(Object.is(a + 0, b + 0))), "required op: equal"],
  "lessEqual: equality forgotten": [pairwise("lessEqual", (a, b) => Number(a < b)), "required op: lessEqual"],
  "argMax: ties to the last": [
    {
      argMax: (inputs, node) => {
        const [y] = right("argMax")(inputs, node);
        const [x, shape, axis] = [at(inputs, 0), at(node.inputs, 0).shape, Number(node.attrs["axis"])];
        const [length, step] = [at(shape, axis), shape.slice(axis + 1).reduce((a, b) => a * b, 1)];
        if (!y) throw new Error("argMax");
        return [
          y.map((best, i) => {
            const start = Math.floor(i / step) * step * length + (i % step);
            let last = best;
            for (let k = best + 1; k < length; k++) if (x[start + k * step] === x[start + best * step]) last = k;
            return last;
          }),
        ];
      },
    },
    "required op: argMax",
  ],
  "cast: float to int wraps": [
    {
      cast: (inputs, node) =>
        at(node.inputs, 0).dtype === "float32" && at(node.outputs, 0).dtype === "int32"
          ? [Int32Array.from(at(inputs, 0), (x) => x | 0)]
          : right("cast")(inputs, node),
    },
    "required op: cast",
  ],
  "cast: float to uint8 wraps": [
    {
      cast: (inputs, node) =>
        at(node.inputs, 0).dtype === "float32" && at(node.outputs, 0).dtype === "uint8"
          ? [Uint8Array.from(at(inputs, 0))]
          : right("cast")(inputs, node),
    },
    "required op: cast",
  ],
  "cast: floats are rounded": [withInputs("cast", (x) => Math.round(x)), "required op: cast"],
  "add: int32 saturates": [
    pairwise("add", (a, b, node) => (isInt(node) ? saturated(a + b) : a + b)),
    "required op: add",
  ],
  "mul: int32 through float64": [pairwise("mul", (a, b) => a * b), "required op: mul"],
  "sum: int32 through float32": [
    {
      sum: (inputs, node) =>
        right("sum")(
          inputs.map((x) => (isInt(node) ? x.map((v) => Math.fround(v)) : x)),
          node,
        ),
    },
    "required op: sum",
  ],
  "pow: negative bases are NaN": [pairwise("pow", (a, b) => (a < 0 ? Number.NaN : a ** b)), "required op: pow"],
  "floor: truncates": [withInputs("floor", Math.trunc), "required op: floor"],
  "round: half away from zero": [
    withInputs("round", (x) => Math.sign(x) * Math.round(Math.abs(x))),
    "optional op: round",
  ],
  "where: by multiplying, so that NaN spreads": [
    {
      where: (inputs, node) => {
        const [y] = right("where")(inputs, node);
        const [c, a, b] = inputs;
        if (!y || !c || !a || !b) throw new Error("where");
        const whole = [c, a, b].every((data) => data.length === y.length);
        return [whole ? y.map((_, i) => at(c, i) * at(a, i) + (1 - at(c, i)) * at(b, i)) : y];
      },
    },
    "required op: where",
  ],
  "transpose: the inverse permutation": [
    withAttrs("transpose", ({ permutation }) => ({
      permutation: numbers(permutation).map((_, k, all) => all.indexOf(k)),
    })),
    "required op: transpose",
  ],
  "slice: stride ignored": [
    withAttrs("slice", ({ stride }) => ({ stride: numbers(stride).map(() => 1) })),
    "required op: slice",
  ],
  "pad: always with 0": [withAttrs("pad", () => ({ value: 0 })), "required op: pad"],
  "flip: one axis too few": [withAttrs("flip", ({ axes }) => ({ axes: numbers(axes).slice(1) })), "required op: flip"],
  "softmax: exp overflows": [
    {
      softmax: (inputs, node) =>
        right("softmax")(
          inputs.map((x) => x.map((v) => (v > 88 ? Infinity : v))),
          node,
        ),
    },
    "optional op: softmax",
  ],
  "batchNormTraining: unbiased variance": [
    {
      batchNormTraining: (inputs, node) => {
        const { shape } = at(node.inputs, 0);
        const count = shape.reduce((a, b) => a * b, 1) / at(shape, 1);
        return right("batchNormTraining")(inputs, node).map((y, k) =>
          k === 2 ? y.map((v) => (v * count) / (count - 1)) : y,
        );
      },
    },
    "optional op: batchNormTraining",
  ],
  "softmaxCrossEntropy: labels are clamped": [
    {
      softmaxCrossEntropy: ([logits, labels], node) => {
        if (!logits || !labels) throw new Error("inputs");
        const last = at(at(node.inputs, 0).shape, 1) - 1;
        return right("softmaxCrossEntropy")([logits, labels.map((l) => Math.min(Math.max(l, 0), last))], node);
      },
    },
    "optional op: softmaxCrossEntropy",
  ],
  "softmaxCrossEntropyGradient: a label that is no class is none": [
    withResults("softmaxCrossEntropyGradient", (y) => y.map((v) => (Number.isNaN(v) ? 0 : v))),
    "optional op: softmaxCrossEntropyGradient",
  ],
  "add: four axes at most": [
    withResults("add", (y, node) => (at(node.outputs, 0).shape.length > 4 ? y.fill(0) : y)),
    "required op: add",
  ],
  "transpose: five axes at most": [
    withResults("transpose", (y, node) => (at(node.outputs, 0).shape.length > 5 ? y.fill(0) : y)),
    "required op: transpose",
  ],
  "avgPoolGradient: of the sum": [
    withResults("avgPoolGradient", (y) => y.map((v) => v * 2)),
    "finite differences: avgPool",
  ],
  "convTranspose: five percent too much": [
    withResults("convTranspose", (y) => y.map((v) => v * 1.05)),
    "finite differences: conv 2-D",
  ],
  "softmaxCrossEntropyGradient: without the labels": [
    {
      softmaxCrossEntropyGradient: ([dy, logits, labels], node) => {
        if (!dy || !logits || !labels) throw new Error("inputs");
        return right("softmaxCrossEntropyGradient")([dy, logits, labels.map(() => 0)], node);
      },
    },
    "finite differences: softmax cross-entropy",
  ],
  "conv: sums in another order every time": [
    withResults("conv", (y) => y.map((v) => v * (1 + 1e-6 * Math.random()))),
    "determinism",
  ],
  "neg: writes its input": [
    {
      neg: (inputs, node) => {
        const results = right("neg")(inputs, node);
        at(inputs, 0).fill(0);
        return results;
      },
    },
    "required op: neg",
  ],
};
