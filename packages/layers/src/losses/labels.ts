// What losses with class labels share: the check of the labels, and what belongs to the labelled class.
import {
  AttributeError,
  type Tensor,
  at,
  cast,
  checkHostData,
  equal,
  iota,
  notEqual,
  reshape,
  sum,
  where,
} from "@stria/core";

/** Labels ready for use: `known` says where there is one (undefined: everywhere), `labels` has class 0 elsewhere. */
export interface CheckedLabels {
  readonly labels: Tensor;
  readonly known: Tensor | undefined;
}

/** Class labels [N, ...] of `classes` classes as int32; labels on the host are checked before each run. @throws AttributeError. */
export function checkLabels(
  loss: string,
  target: Tensor,
  classes: number,
  ignoreIndex: number | undefined,
): CheckedLabels {
  checkHostData(target, (data) => {
    for (const [index, label] of data.entries())
      if (label !== ignoreIndex && !(label >= 0 && label < classes))
        throw new AttributeError(
          loss,
          `label ${label} at index ${index} is not one of ${classes} classes`,
          `labels are whole numbers from 0 to ${classes - 1}; map them, or give the model more classes`,
        );
  });
  const labels = target.dtype === "uint8" ? cast(target, "int32") : target;
  if (ignoreIndex === undefined) return { labels, known: undefined };
  const known = notEqual(labels, ignoreIndex);
  return { labels: where(known, labels, 0), known };
}

/** From `values` [N, classes, ...] (or what broadcasts to it) the one at each label [N, ...]. */
export function atLabels(values: Tensor, labels: Tensor, classes: number): Tensor {
  const batch = at(labels.shape, 0);
  const rest = labels.shape.slice(1);
  const chosen = equal(iota([batch, classes, ...rest], 1), reshape(labels, [batch, 1, ...rest]));
  return sum(where(chosen, values, 0), 1);
}

/** A number for each class [classes] so that it broadcasts along [N, classes, ...] of rank `rank`. */
export function alongClasses(weight: Tensor, rank: number): Tensor {
  return reshape(weight, [1, weight.size, ...Array.from({ length: rank - 2 }, () => 1)]);
}
