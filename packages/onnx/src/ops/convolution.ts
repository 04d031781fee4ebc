// Convolution and its transpose, and windows as columns.
import { at, sizeOf } from "@stria/core";
import { number, numbers, pairs } from "../attributes.ts";
import { type Rule, type Translate, nameOf } from "../translation.ts";
import { onnxPads } from "./shape.ts";
import { columns, readsOfTaps, windowAttributes, windowsOf } from "./window.ts";

/** Without channels to sum over, every output is 0. */
function unlessEmpty(translate: Translate): Translate {
  return (translation) => {
    const { writer, inputs } = translation;
    if (inputs.some(({ aval }) => sizeOf(aval.shape) === 0)) return [{ name: writer.scalar("float32", 0), shape: [] }];
    return translate(translation);
  };
}

const conv: Translate = (translation) => {
  const { writer, attrs, inputs } = translation;
  const windows = windowsOf(attrs, at(inputs, 1).aval.shape.slice(2));
  return [
    writer.node("Conv", [nameOf(translation, 0), nameOf(translation, 1)], {
      ...windowAttributes(windows),
      group: number(attrs, "groups"),
    }),
  ];
};

// ONNX Runtime bounds the output padding by the stride, so it is taken off the padding after, and what is left is plain zeros.
const convTranspose: Translate = (translation) => {
  const { writer, attrs, inputs, outputs } = translation;
  const extra = numbers(attrs, "outputPadding");
  const windows = windowsOf(attrs, at(inputs, 1).aval.shape.slice(2));
  const padding = windows.padding.map(([before, after], axis): readonly [number, number] => [
    before,
    Math.max(0, after - at(extra, axis)),
  ]);
  const zeros = windows.padding.map(([, after], axis): readonly [number, number] => [
    0,
    Math.max(0, at(extra, axis) - after),
  ]);
  const shape = at(outputs, 0)
    .shape.slice(2)
    .map((length, axis) => length - at(zeros, axis)[1]);
  // Output beyond the reach of every element is zeros alone; ONNX Runtime refuses to compute none.
  if (shape.some((length) => length < 1)) return [{ name: writer.scalar("float32", 0), shape: [] }];
  const y = writer.node("ConvTranspose", [nameOf(translation, 0), nameOf(translation, 1)], {
    ...windowAttributes({ ...windows, padding }),
    group: number(attrs, "groups"),
  });
  if (zeros.every(([, after]) => after === 0)) return [y];
  return [writer.node("Pad", [y, writer.integers(onnxPads([[0, 0], [0, 0], ...zeros])), writer.scalar("float32", 0)])];
};

/** From so many channels a group, one product for each element of the kernel is as fast as one for all, and needs less memory. */
const manyChannels = 4;

/** Most elements that all windows side by side may have. */
const mostColumns = 2 ** 25;

// Matrix products with what the windows read: on ONNX Runtime up to seven times as fast as the decomposition, a convolution that has dy for its
// kernel.
const convWeightGradient: Rule = {
  takes({ attrs, inputs }) {
    const [x, dy] = [at(inputs, 0).shape, at(inputs, 1).shape];
    const taps = sizeOf(numbers(attrs, "kernel"));
    if (sizeOf(x) === 0 || sizeOf(dy) === 0 || taps > 64) return false;
    const isFew = at(x, 1) / number(attrs, "groups") < manyChannels;
    return !isFew || sizeOf(x.slice(0, 2)) * taps * sizeOf(dy.slice(2)) <= mostColumns;
  },
  translate(translation) {
    const { writer, attrs, inputs, outputs } = translation;
    const windows = windowsOf(attrs);
    const groups = number(attrs, "groups");
    const [x, dy] = [at(inputs, 0).aval.shape, at(inputs, 1).aval.shape];
    const [batch, perGroup, filters, places] = [at(x, 0), at(x, 1) / groups, at(dy, 1), dy.slice(2)];
    const split = (name: string, rows: number): string =>
      writer.node("Reshape", [name, writer.integers([batch, groups, rows, sizeOf(places)])]);
    const byGroup = split(nameOf(translation, 1), filters / groups);
    /** a [N, groups, rows, places] times b transposed, summed over N: [groups, rows of a, rows of b]. */
    const product = (a: string, b: string): string => {
      const transposed = writer.node("Transpose", [b], { perm: [0, 1, 3, 2] });
      return writer.node("ReduceSum", [writer.node("MatMul", [a, transposed]), writer.integers([0])], { keepdims: 0 });
    };
    const target = writer.integers(at(outputs, 0).shape);
    if (perGroup < manyChannels) {
      const side = columns(writer, nameOf(translation, 0), x, places, windows, 0);
      const all = product(byGroup, split(side, perGroup * sizeOf(windows.kernel)));
      return [writer.node("Reshape", [all, target])];
    }
    const flat = [batch, groups, perGroup, sizeOf(places)];
    const column = writer.integers([groups, perGroup, filters / groups, 1]);
    const taps = readsOfTaps(writer, nameOf(translation, 0), windows, places, flat, 0).map((tap) =>
      writer.node("Reshape", [product(tap, byGroup), column]),
    );
    const all = taps.length === 1 ? at(taps, 0) : writer.node("Concat", taps, { axis: 3 });
    return [writer.node("Reshape", [writer.node("Transpose", [all], { perm: [0, 2, 1, 3] }), target])];
  },
};

const unfold: Translate = (translation) => {
  const { writer, attrs, inputs, outputs } = translation;
  const windows = windowsOf(attrs);
  const { shape } = at(inputs, 0).aval;
  const places = windows.kernel.map((length, axis) => {
    const [before, after] = at(windows.padding, axis);
    return (
      Math.floor(
        (at(shape, axis + 2) + before + after - at(windows.dilation, axis) * (length - 1) - 1) /
          at(windows.stride, axis),
      ) + 1
    );
  });
  return [
    writer.node("Reshape", [
      columns(writer, nameOf(translation, 0), shape, places, windows, 0),
      writer.integers(at(outputs, 0).shape),
    ]),
  ];
};

const fold: Translate = (translation) => {
  const { writer, attrs } = translation;
  const { kernel, stride, dilation } = windowsOf(attrs);
  return [
    writer.node(
      "Col2Im",
      [nameOf(translation, 0), writer.integers(numbers(attrs, "outputSize")), writer.integers(kernel)],
      {
        strides: stride,
        dilations: dilation,
        pads: onnxPads(pairs(attrs, "padding")),
      },
    ),
  ];
};

type ConvolutionOp = "conv" | "convTranspose" | "convWeightGradient" | "unfold" | "fold";

export const convolution: Readonly<Record<ConvolutionOp, Rule>> = {
  conv: { translate: unlessEmpty(conv) },
  convTranspose: { translate: unlessEmpty(convTranspose) },
  convWeightGradient,
  unfold: { translate: unfold },
  // ONNX Runtime 1.30 puts elements in wrong places when there is dilation and not two axes.
  fold: {
    takes: ({ attrs }) =>
      numbers(attrs, "outputSize").length === 2 || numbers(attrs, "dilation").every((step) => step === 1),
    translate: unlessEmpty(fold),
  },
};
