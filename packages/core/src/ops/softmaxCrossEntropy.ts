// Cross-entropy of softmax with class labels, and its gradient.
import { type Aval, at, sameShape, showAval } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { floats } from "../tensor/dtype.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { cast } from "./cast.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { equal } from "./equal.ts";
import { iota } from "./iota.ts";
import { less } from "./less.ts";
import { lessEqual } from "./lessEqual.ts";
import { logicalAnd } from "./logicalAnd.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { reshape } from "./reshape.ts";
import { logSoftmax, softmax } from "./softmax.ts";
import { sub } from "./sub.ts";
import { sum } from "./sum.ts";
import { where } from "./where.ts";

function lossShape(op: string, logits: Aval, labels: Aval): number[] {
  checkDType(op, logits, floats);
  if (labels.dtype !== "int32") throw new DTypeError(op, `labels are ${labels.dtype}`, "give class numbers as int32");
  const [batch, , ...rest] = logits.shape;
  if (batch === undefined || logits.shape.length < 2 || !sameShape(labels.shape, [batch, ...rest]))
    throw new ShapeError(
      op,
      `logits ${showAval(logits)} and labels ${showAval(labels)} do not fit`,
      "give logits [N, classes, ...] and labels [N, ...]",
    );
  return [batch, ...rest];
}

/** [N, 1, ...], so that it broadcasts along the classes. */
function alongClasses(x: Tensor): Tensor {
  return reshape(x, [at(x.shape, 0), 1, ...x.shape.slice(1)]);
}

function oneHot(logits: Tensor, labels: Tensor): Tensor {
  return equal(iota(logits.shape, 1), alongClasses(labels));
}

function isClass(logits: Tensor, labels: Tensor): Tensor {
  return logicalAnd(lessEqual(0, labels), less(labels, at(logits.shape, 1)));
}

export const softmaxCrossEntropyOp: Op = /* @__PURE__ */ defineOp("softmaxCrossEntropy", {
  infer([logits, labels]) {
    const operand = present("softmaxCrossEntropy", logits);
    return {
      shape: lossShape("softmaxCrossEntropy", operand, present("softmaxCrossEntropy", labels)),
      dtype: operand.dtype,
    };
  },
  vjp({ dy, inputs }) {
    return [applyOne(softmaxCrossEntropyGradientOp, [dy, at(inputs, 0), at(inputs, 1)], {}), null];
  },
  decompose([first, second]) {
    const [logits, labels] = [present("softmaxCrossEntropy", first), present("softmaxCrossEntropy", second)];
    const picked = sum(where(oneHot(logits, labels), logSoftmax(logits, 1), 0), 1);
    return where(isClass(logits, labels), neg(picked), Number.NaN);
  },
});

export const softmaxCrossEntropyGradientOp: Op = /* @__PURE__ */ defineOp("softmaxCrossEntropyGradient", {
  infer([dy, logits, labels]) {
    const operand = present("softmaxCrossEntropyGradient", logits);
    const shape = lossShape("softmaxCrossEntropyGradient", operand, present("softmaxCrossEntropyGradient", labels));
    if (!sameShape(present("softmaxCrossEntropyGradient", dy).shape, shape))
      throw new ShapeError(
        "softmaxCrossEntropyGradient",
        "dy has not the shape of the loss",
        "give one number for each label",
      );
    return operand;
  },
  decompose([first, second, third]) {
    const name = "softmaxCrossEntropyGradient";
    const [dy, logits, labels] = [present(name, first), present(name, second), present(name, third)];
    const gradient = mul(alongClasses(dy), sub(softmax(logits, 1), cast(oneHot(logits, labels), "float32")));
    return where(alongClasses(isClass(logits, labels)), gradient, Number.NaN);
  },
});

/**
 * -log softmax(logits) at the label: logits [N, classes, ...], labels int32 [N, ...] -> [N, ...].
 * A label outside 0..classes-1 gives NaN.
 */
export function softmaxCrossEntropy(logits: TensorLike, labels: TensorLike): Tensor {
  return applyOne(
    softmaxCrossEntropyOp,
    [asTensor(logits, "softmaxCrossEntropy"), asTensor(labels, "softmaxCrossEntropy")],
    {},
  );
}
