// The series of a .ts file of the UCR and UEA archive as items of one length.
import { AttributeError, FormatError } from "@stria/core";
import { classLabel, type Dataset, readTimeSeries } from "@stria/data";
import { itemAt } from "../item-at.ts";

/** A series and its class. */
export interface LabelledSeriesItem {
  /** Row-major `[dimensions, length]`: channels and time of a 1-D convolution. */
  readonly x: Float32Array;
  /** The class, an index of `classNames`. */
  readonly y: number;
}

export interface TimeSeriesOptions {
  /** What to call the file in errors. */
  readonly name?: string;
  /** The classes in their order, so that two files agree; by default as the file names them. */
  readonly classes?: readonly string[];
  /** What stands for values that are missing; without it they are an error. */
  readonly missing?: number;
}

/** Labelled series, in memory. */
export interface TimeSeriesDataset extends Dataset<LabelledSeriesItem> {
  readonly classNames: readonly string[];
  get(index: number): LabelledSeriesItem;
  label(index: number): number;
}

/**
 * The dataset of a .ts file's text. Series shorter than the longest are filled up with `missing`.
 * @throws FormatError when the file is damaged, has no classes or one that is not in `classes`, or lacks values and `missing` is not given; AttributeError for a `missing` that is no number
 */
export function timeSeriesDataset(text: string, options: TimeSeriesOptions = {}): TimeSeriesDataset {
  const { name = "series", classes, missing } = options;
  if (missing !== undefined && !Number.isFinite(missing))
    throw new AttributeError("timeSeriesDataset", `missing is ${missing}`, "give a number, such as 0");
  const { series, labels, classes: found } = readTimeSeries(text, name);
  if (labels.length === 0) throw new FormatError(name, "its series have no classes", "use readTimeSeries");
  const classNames = classes ?? found;
  const numbers = found.map((label) => {
    const number = classNames.indexOf(label);
    if (number >= 0) return number;
    throw new FormatError(name, `the class "${label}" is none of ${classNames.join(", ")}`, "add it to classes");
  });
  const dimensions = Math.max(...series.map((values) => values.length));
  const length = Math.max(...series.flat().map((values) => values.length));
  const items = series.map((rows, index) => {
    const x = new Float32Array(dimensions * length).fill(Number.NaN);
    for (const [row, values] of rows.entries()) x.set(values, row * length);
    if (missing === undefined && x.some(Number.isNaN))
      throw new FormatError(
        name,
        `series ${index} lacks values, of ${length}`,
        "pass what is to stand for them as missing",
      );
    const filled = missing === undefined ? x : x.map((value) => (Number.isNaN(value) ? missing : value));
    return { x: filled, y: numbers[labels[index] ?? -1] ?? Number.NaN };
  });
  return {
    length: items.length,
    fields: { x: { shape: [dimensions, length], dtype: "float32" }, y: classLabel(classNames.length) },
    classNames,
    get: (index) => itemAt("timeSeriesDataset", items, index),
    label: (index) => itemAt("timeSeriesDataset", items, index).y,
  };
}
