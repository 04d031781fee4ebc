// Which class a model decides for, and which it was: what accuracies and confusion matrices are made of.
import {
  AttributeError,
  ShapeError,
  type Tensor,
  argMax,
  at,
  broadcastTo,
  cast,
  checkHostData,
  lessEqual,
  mul,
  notEqual,
  ones,
  reshape,
  showShape,
} from "@stria/core";
import type { LabelledBatch } from "../batch.ts";

export interface DecisionOptions {
  /** Number of classes, where the outputs are not [N, classes, ...] and so do not say it. */
  readonly classes?: number;
  /** A label whose places do not count, such as 255 for borders; a class of that number is in no average. */
  readonly ignore?: number;
  /** Outputs with one number for each label: class 1 from this number on. Default 0, for logits; take 0.5 for probabilities. */
  readonly threshold?: number;
}

/** Decisions [P] about P places, each an example or a pixel. */
export interface Decisions {
  readonly predicted: Tensor;
  readonly labels: Tensor;
  /** float32 [P]: 1 where it counts, else 0. */
  readonly counts: Tensor;
  readonly classes: number;
}

/** Has labels on the host checked before each run. @throws AttributeError naming the first that is no class. */
export function checkClasses(name: string, labels: Tensor, classes: number, ignore: number | undefined): void {
  checkHostData(labels, (data) => {
    for (const [index, label] of data.entries())
      if (label !== ignore && !(label >= 0 && label < classes && Number.isInteger(label)))
        throw new AttributeError(
          name,
          `label ${label} at index ${index} is not one of ${classes} classes`,
          `labels are whole numbers from 0 to ${classes - 1}; name one that does not count by ignore`,
        );
  });
}

/** The row mask [N] as a weight [P] for each place of `labels` [N, ...]. */
export function placesThatCount(labels: Tensor, mask: Tensor | undefined): Tensor {
  if (!mask) return ones([labels.size]);
  const rows = reshape(mask, [mask.size, ...labels.shape.slice(1).map(() => 1)]);
  return reshape(broadcastTo(rows, labels.shape), [labels.size]);
}

/**
 * The decisions in a batch. Outputs are scores [N, classes, ...] for labels [N, ...], one score for each label, or class numbers (int32, uint8).
 * @throws ShapeError where shapes do not fit, AttributeError where `classes` is missing or a label on the host is none of them.
 */
export function decisionsOf(
  name: string,
  outputs: Tensor,
  { y, mask }: LabelledBatch,
  { classes: given, ignore, threshold = 0 }: DecisionOptions,
): Decisions {
  const { predicted, classes } = choose(name, outputs, y, given, threshold);
  checkClasses(name, y, classes, ignore);
  const places = y.size;
  const labels = reshape(cast(y, "int32"), [places]);
  const rows = placesThatCount(y, mask);
  const counts = ignore === undefined ? rows : mul(rows, cast(notEqual(labels, ignore), "float32"));
  return { predicted: reshape(predicted, [places]), labels, counts, classes };
}

function choose(
  name: string,
  outputs: Tensor,
  y: Tensor,
  given: number | undefined,
  threshold: number,
): { readonly predicted: Tensor; readonly classes: number } {
  const columns = outputs.rank === y.rank + 1 ? at(outputs.shape, 1) : undefined;
  const rest = columns === undefined ? outputs.shape : outputs.shape.filter((_, axis) => axis !== 1);
  if (showShape(rest) !== showShape(y.shape))
    throw new ShapeError(
      name,
      `the outputs are ${showShape(outputs.shape)} for labels ${showShape(y.shape)}`,
      "give scores [N, classes, ...], or one number for each label, for labels [N, ...]",
    );
  if (columns !== undefined && columns > 1) return { predicted: argMax(outputs, 1), classes: columns };
  if (outputs.dtype === "float32")
    return { predicted: cast(lessEqual(threshold, reshape(outputs, y.shape)), "int32"), classes: 2 };
  if (given === undefined || !Number.isSafeInteger(given) || given < 1)
    throw new AttributeError(
      name,
      `the outputs are class numbers, and classes is ${given ?? "missing"}`,
      "say how many classes there are: { classes: 21 }",
    );
  return { predicted: cast(reshape(outputs, y.shape), "int32"), classes: given };
}
