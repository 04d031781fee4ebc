// The losses of the golden models, by the words in which the files say them.
import { type Tensor, add, fromHost, mean, mul, oneHot, square, sub } from "@stria/core";
import { crossEntropy, mseLoss } from "@stria/layers";
import { rbfMapLoss } from "@stria/zoo";
import { integers, uniform } from "./fill.ts";
import { type Json, type JsonObject, asNumber, asNumbers, asObject, asText, isList } from "./json.ts";
import { Unsupported } from "./outcome.ts";

/** Of the outputs in the golden's order. */
export type Loss = (outputs: readonly Tensor[], target: Tensor) => Tensor;

/** Cross-entropy of the first output, and a share of that of each other one. */
function withHeads(share: number): Loss {
  return ([logits, ...heads], labels) => {
    if (!logits) throw new Unsupported("models without an output");
    return heads.reduce(
      (loss, head) => add(loss, mul(crossEntropy(head, labels), share)),
      crossEntropy(logits, labels),
    );
  };
}

function ofFirst(loss: (output: Tensor, target: Tensor) => Tensor): Loss {
  return ([output], target) => {
    if (!output) throw new Unsupported("models without an output");
    return loss(output, target);
  };
}

/** 1 at the label and 0 elsewhere. */
function classes(output: Tensor, labels: Tensor): Tensor {
  return oneHot(labels, output.shape[1] ?? 1);
}

const losses: Readonly<Record<string, Loss>> = {
  "mean cross-entropy of the logits": withHeads(0),
  "cross-entropy of the logits + 0.3 x (that of the first + that of the second auxiliary head)": withHeads(0.3),
  "cross-entropy of the logits + 0.4 x that of the auxiliary head": withHeads(0.4),
  "cross-entropy of the logits over all pixels + 0.5 x that of the auxiliary head": withHeads(0.5),
  "mean of (output - target)^2 over all elements, target = +1 at the label and -1 elsewhere": ofFirst(
    (output, labels) => mean(square(sub(output, sub(mul(classes(output, labels), 2), 1)))),
  ),
  'mean of (output - t)^2 over all elements, t = u of the fill names\' uniform("train-target")': ofFirst(
    (output, target) => mseLoss(output, target),
  ),
  "mean of: distance of the right class + log(exp(-0.1) + sum over classes of exp(-distance))": ofFirst(
    (distances, labels) => rbfMapLoss(distances, labels),
  ),
};

/** @throws Unsupported for other words. */
export function lossOf(formula: string): Loss {
  const loss = Object.hasOwn(losses, formula) ? losses[formula] : undefined;
  if (!loss) throw new Unsupported(`models with the loss "${formula}"`);
  return loss;
}

function flattened(value: Json): Json[] {
  return isList(value) ? value.flatMap(flattened) : [value];
}

/** Of lists in lists, as long as each other. */
function shapeOfList(value: Json | undefined): number[] {
  return isList(value) ? [value.length, ...shapeOfList(value[0])] : [];
}

/** What the outputs are held against: labels that are listed or filled, or filled numbers of the input's shape. */
export function targetOf(train: JsonObject): Tensor {
  if (train["target_fill"] !== undefined) {
    const shape = asNumbers(train["input"], "input");
    const size = shape.reduce((product, extent) => product * extent, 1);
    return fromHost(Float32Array.from(uniform(asText(train["target_fill"], "target_fill"), size)), shape, "float32");
  }
  if (isList(train["labels"])) {
    const shape = shapeOfList(train["labels"]);
    const labels = flattened(train["labels"]).map((label) => asNumber(label, "a label"));
    return fromHost(Int32Array.from(labels), shape, "int32");
  }
  const filled = asObject(train["labels"], "labels");
  const shape = asNumbers(filled["shape"], "shape of labels");
  return fromHost(
    integers(asText(filled["name"], "name"), shape, asNumber(filled["classes"], "classes")),
    shape,
    "int32",
  );
}
