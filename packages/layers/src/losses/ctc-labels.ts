// What connectionist temporal classification is told: labels and lengths, checked where the host has them, and laid out with blanks in between.
import {
  AttributeError,
  DTypeError,
  ShapeError,
  type Shape,
  type Tensor,
  type TypedArray,
  at,
  cast,
  checkHostData,
  concat,
  full,
  iota,
  isTensor,
  less,
  reshape,
  showShape,
  slice,
  sum,
  take,
  tensor,
  where,
} from "@stria/core";

const name = "ctcLoss";

/** How long each example of a batch is: whole numbers [N], as a tensor or a list. */
export type Lengths = Tensor | readonly number[];

/** What is on the host now, while tracing or outside of a trace. */
function knownNow(x: Tensor): TypedArray | undefined {
  const seen: TypedArray[] = [];
  let asking = true;
  checkHostData(x, (data) => {
    if (asking) seen.push(data);
  });
  asking = false;
  return seen[0];
}

/** As int32. @throws DTypeError for what is neither int32 nor uint8. */
function wholeNumbers(what: string, x: Tensor): Tensor {
  if (x.dtype !== "int32" && x.dtype !== "uint8")
    throw new DTypeError(name, `${what} are ${x.dtype}`, "give whole numbers: int32 or uint8");
  return x.dtype === "int32" ? x : cast(x, "int32");
}

/** Lengths as int32 [N]; those on the host are checked. @throws ShapeError, DTypeError, AttributeError. */
export function checkLengths(what: string, lengths: Lengths, batch: number, most: number): Tensor {
  const count = isTensor(lengths) ? lengths.size : lengths.length;
  if (count !== batch)
    throw new ShapeError(name, `${what} has ${count} entries for a batch of ${batch}`, "give one for each example");
  const check = (data: Iterable<number>): void => {
    for (const [index, length] of [...data].entries())
      if (!Number.isInteger(length) || length < 0 || length > most)
        throw new AttributeError(
          name,
          `${what} of example ${index} is ${length}`,
          `lengths are whole numbers from 0 to ${most}, the length of the axis`,
        );
  };
  if (!isTensor(lengths)) {
    check(lengths);
    return tensor(Int32Array.from(lengths));
  }
  const whole = wholeNumbers(what, lengths);
  checkHostData(lengths, check);
  return reshape(whole, [batch]);
}

function checkLabel(label: number, place: string, classes: number, blank: number): void {
  if (!(label >= 0 && label < classes) || label === blank)
    throw new AttributeError(
      name,
      label === blank
        ? `label ${label} ${place} is the blank`
        : `label ${label} ${place} is not one of ${classes} classes`,
      `labels are whole numbers from 0 to ${classes - 1}, but not ${blank}; map them, or name another blank`,
    );
}

/** Checks the labels of rows of `width`: all up to the lengths where those are known, else that none is above the classes. */
function checkLabels(targets: Tensor, lengths: Tensor, classes: number, blank: number): void {
  const known = knownNow(lengths);
  const width = targets.size / lengths.size;
  const joined = targets.rank === 1 && lengths.size > 1;
  checkHostData(targets, (data) => {
    if (!known) {
      for (const [index, label] of data.entries())
        if (label >= classes) checkLabel(label, `at index ${index}`, classes, blank);
      return;
    }
    const total = Array.from(known).reduce((sofar, length) => sofar + length, 0);
    if (joined && total !== data.length)
      throw new AttributeError(
        name,
        `targetLengths add up to ${total}, there are ${data.length} labels`,
        "give all labels one after the other, or rows of one width",
      );
    let start = 0;
    for (const [row, length] of known.entries()) {
      for (let place = 0; place < length; place++)
        checkLabel(data[start + place] ?? blank, `at place ${place} of example ${row}`, classes, blank);
      start += joined ? length : width;
    }
  });
}

/** Labels that stand one after the other [sum of the lengths] as rows [N, longest]; what is after the end of a row is not looked at. */
function asRows(targets: Tensor, lengths: Tensor, longest: number): Tensor {
  const batch = lengths.size;
  const earlier = less(iota([batch, batch], 1), iota([batch, batch], 0));
  const starts = sum(where(earlier, reshape(lengths, [1, batch]), 0), 1);
  return take(targets, iota([batch, longest], 1).add(reshape(starts, [batch, 1])));
}

/** Labels as int32 [N, S], S being the most that any example can have. @throws ShapeError, AttributeError. */
export function labelRows(
  targets: Tensor,
  lengths: Lengths,
  { batch, classes, blank, steps }: { batch: number; classes: number; blank: number; steps: number },
): { labels: Tensor; lengths: Tensor } {
  const joined = targets.rank === 1 && batch !== 1;
  if (
    !joined &&
    (targets.rank > 2 || targets.size % batch !== 0 || (targets.rank === 2 && at(targets.shape, 0) !== batch))
  )
    throw new ShapeError(
      name,
      `targets are ${showShape(targets.shape)} for a batch of ${batch}`,
      "give [N, longest target], or all labels one after the other",
    );
  const width = joined ? targets.size : targets.size / batch;
  const checked = checkLengths("targetLengths", lengths, batch, width);
  checkLabels(targets, checked, classes, blank);
  const whole = wholeNumbers("targets", targets);
  // A target that is longer than the input cannot be aligned with it: its labels are not needed to see that.
  const longest = Math.min(width, steps);
  const labels = joined
    ? asRows(whole, checked, longest)
    : slice(reshape(whole, [batch, width]), [0, 0], [batch, longest]);
  return { labels, lengths: checked };
}

/** Labels [N, S] with blanks before, between and after them: [N, 2 S + 1]. */
export function withBlanks(labels: Tensor, blank: number): Tensor {
  const [batch, count] = [at(labels.shape, 0), at(labels.shape, 1)];
  const blanks = (shape: Shape): Tensor => full(shape, blank, "int32");
  const pairs = concat([blanks([batch, count, 1]), reshape(labels, [batch, count, 1])], 2);
  return concat([reshape(pairs, [batch, 2 * count]), blanks([batch, 1])], 1);
}
