// Softmax, and the loss made of it. Batch normalisation is left to its decomposition: in training mode ONNX Runtime writes the statistics over the
// memory of its inputs, initialisers included, where a NaN stays for ever.
import { at } from "@stria/core";
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

type NormalisationOp = "softmax" | "logSoftmax" | "softmaxCrossEntropy";

export const normalisation: Readonly<Record<NormalisationOp, Rule>> = {
  softmax: { translate: along("Softmax") },
  logSoftmax: { translate: along("LogSoftmax") },
  softmaxCrossEntropy: { translate: softmaxCrossEntropy },
};
