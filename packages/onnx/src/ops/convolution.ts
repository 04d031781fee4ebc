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
  return [writer.node("Conv", [nameOf(translation, 0), nameOf(translation, 1)], { ...windowAttributes(windows), group: number(attrs, "groups") })];
};

// ONNX Runtime bounds the output padding by the stride, so it is taken off the padding after, and what is left is plain zeros.
const convTranspose: Translate = (translation) => {
  const { writer, attrs, inputs, outputs } = translation;
  const extra = numbers(attrs, "outputPadding");
  const windows = windowsOf(attrs, at(inputs, 1).aval.shape.slice(2));
  const padding = windows.padding.map(([before, after], axis): readonly [number, number] => [before, Math.max(0, after - at(extra, axis))]);
  const zeros = windows.padding.map(([, after], axis): readonly [number, number] => [0, Math.max(0, at(extra, axis) - after)]);
  const shape = at(outputs, 0).shape.slice(2).map((length, axis) => length - at(zeros, axis)[1]);
  // Output beyond the reach of every element is zeros alone; ONNX Runtime refuses to compute none.
  if (shape.some((length) => length < 1)) return [{ name: writer.scalar("float32", 0), shape: [] }];
  const y = writer.node("ConvTranspose", [nameOf(translation, 0), nameOf(translation, 1)], {
    ...windowAttributes({ ...windows, padding }),
    group: number(attrs, "groups"),
  });
  if (zeros.every(([, after]) => after === 0)) return [y];
  return [writer.node("Pad", [y, writer.integers(onnxPads([[0, 0], [0, 0], ...zeros])), writer.scalar("float32", 0)])];
};

const unfold: Translate = (translation) => {
  const { writer, attrs, inputs, outputs } = translation;
  const windows = windowsOf(attrs);
  const { shape } = at(inputs, 0).aval;
  const places = windows.kernel.map((length, axis) => {
    const [before, after] = at(windows.padding, axis);
    return Math.floor((at(shape, axis + 2) + before + after - at(windows.dilation, axis) * (length - 1) - 1) / at(windows.stride, axis)) + 1;
  });
  return [writer.node("Reshape", [columns(writer, nameOf(translation, 0), shape, places, windows, 0), writer.integers(at(outputs, 0).shape)])];
};

const fold: Translate = (translation) => {
  const { writer, attrs } = translation;
  const { kernel, stride, dilation } = windowsOf(attrs);
  return [
    writer.node("Col2Im", [nameOf(translation, 0), writer.integers(numbers(attrs, "outputSize")), writer.integers(kernel)], {
      strides: stride,
      dilations: dilation,
      pads: onnxPads(pairs(attrs, "padding")),
    }),
  ];
};

export const convolution = {
  conv: { translate: unlessEmpty(conv) },
  convTranspose: { translate: unlessEmpty(convTranspose) },
  unfold: { translate: unfold },
  fold: { translate: unlessEmpty(fold) },
} satisfies Record<string, Rule>;
