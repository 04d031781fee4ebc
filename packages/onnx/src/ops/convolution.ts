// Convolution and its transpose, and windows as columns.
import { at, sizeOf } from "@stria/core";
import { number, numbers, pairs } from "../attributes.ts";
import { type Rule, type Translate, nameOf } from "../translation.ts";
import { onnxPads } from "./shape.ts";
import { columns, windowAttributes, windowsOf } from "./window.ts";

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

/** Most elements that all windows side by side may have: beyond that, memory matters more than speed. */
const mostColumns = 2 ** 25;

// The windows side by side, and one matrix product for each image and group: on ONNX Runtime up to seven times as fast as a convolution with dy
// for its kernel, which is what the decomposition gives.
const convWeightGradient: Rule = {
  takes({ attrs, inputs }) {
    const [x, dy] = [at(inputs, 0).shape, at(inputs, 1).shape];
    const taps = sizeOf(numbers(attrs, "kernel"));
    return (
      taps <= 64 && sizeOf(x) > 0 && sizeOf(dy) > 0 && sizeOf(x.slice(0, 2)) * taps * sizeOf(dy.slice(2)) <= mostColumns
    );
  },
  translate(translation) {
    const { writer, attrs, inputs, outputs } = translation;
    const windows = windowsOf(attrs);
    const groups = number(attrs, "groups");
    const [x, dy] = [at(inputs, 0).aval.shape, at(inputs, 1).aval.shape];
    const [batch, channels, filters, places] = [at(x, 0), at(x, 1), at(dy, 1), dy.slice(2)];
    const split = (name: string, rows: number): string =>
      writer.node("Reshape", [name, writer.integers([batch, groups, rows, sizeOf(places)])]);
    const side = split(
      columns(writer, nameOf(translation, 0), x, places, windows, 0),
      (channels / groups) * sizeOf(windows.kernel),
    );
    const product = writer.node("MatMul", [
      split(nameOf(translation, 1), filters / groups),
      writer.node("Transpose", [side], { perm: [0, 1, 3, 2] }),
    ]);
    const sum = writer.node("ReduceSum", [product, writer.integers([0])], { keepdims: 0 });
    return [writer.node("Reshape", [sum, writer.integers(at(outputs, 0).shape)])];
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
