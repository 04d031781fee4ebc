// Softmax and batch normalisation, and the losses made of them.
import { at, sizeOf } from "@stria/core";
import { number } from "../attributes.ts";
import { type Rule, type Translate, nameOf } from "../translation.ts";

const along =
  (opType: string): Translate =>
  (translation) => [
    translation.writer.node(opType, [nameOf(translation, 0)], { axis: number(translation.attrs, "axis") }),
  ];

/** The logarithm at the label; a label that is no class gives NaN, and never an address outside the tensor. */
const softmaxCrossEntropy: Translate = (translation) => {
  const { writer, inputs, outputs } = translation;
  const { shape } = at(inputs, 0).aval;
  const classes = at(shape, 1);
  if (classes === 0) return [{ name: writer.scalar("float32", Number.NaN), shape: [] }];
  const labels = writer.node("Reshape", [
    nameOf(translation, 1),
    writer.integers([at(shape, 0), 1, ...shape.slice(2)]),
  ]);
  const zero = writer.scalar("int32", 0);
  const known = writer.node("And", [
    writer.node("LessOrEqual", [zero, labels]),
    writer.node("Less", [labels, writer.scalar("int32", classes)]),
  ]);
  const logarithms = writer.node("LogSoftmax", [nameOf(translation, 0)], { axis: 1 });
  const picked = writer.node("GatherElements", [logarithms, writer.node("Where", [known, labels, zero])], { axis: 1 });
  const loss = writer.node("Where", [known, writer.node("Neg", [picked]), writer.scalar("float32", Number.NaN)]);
  return [writer.node("Reshape", [loss, writer.integers(at(outputs, 0).shape)])];
};

// With momentum 0 the running statistics that ONNX returns are those of the batch; the variance is the biased one.
const batchNormTraining: Rule = {
  takes: ({ inputs }) => sizeOf(at(inputs, 0).shape) > 0,
  translate(translation) {
    const { writer, attrs, outputs } = translation;
    const zeros = writer.filled("float32", at(outputs, 1).shape, 0);
    return writer.nodeOf(
      3,
      "BatchNormalization",
      [nameOf(translation, 0), nameOf(translation, 1), nameOf(translation, 2), zeros, zeros],
      {
        training_mode: 1,
        momentum: { float: 0 },
        epsilon: { float: number(attrs, "epsilon") },
      },
    );
  },
};

export const normalisation = {
  softmax: { translate: along("Softmax") },
  logSoftmax: { translate: along("LogSoftmax") },
  softmaxCrossEntropy: { translate: softmaxCrossEntropy },
  batchNormTraining,
} satisfies Record<string, Rule>;
