// The .ts files of the UCR and UEA archive (https://www.timeseriesclassification.com): one series a line, its label last.
import { FormatError } from "@stria/core";

export interface LabelledSeries {
  /** Of each example the values of each dimension, one list after the other; NaN where one is missing. Lengths may differ. */
  readonly series: readonly (readonly Float32Array[])[];
  /** Of each example the index of its class. Empty where the file has none. */
  readonly labels: readonly number[];
  /** The classes, in the order in which the file names them. */
  readonly classes: readonly string[];
}

/** What the lines before the data say, by the words after their @. */
function headOf(
  lines: readonly string[],
  name: string,
): { readonly head: Map<string, string[]>; readonly end: number } {
  const head = new Map<string, string[]>();
  for (const [index, line] of lines.entries()) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    if (!text.startsWith("@"))
      throw new FormatError(
        name,
        `line ${index + 1} stands before @data and begins without an @`,
        "get the file again",
      );
    const [key = "", ...words] = text.slice(1).split(/\s+/);
    if (key.toLowerCase() === "data") return { head, end: index + 1 };
    head.set(key.toLowerCase(), words);
  }
  throw new FormatError(name, "there is no line @data", "it must be a .ts file of the UCR or UEA archive");
}

const isTrue = (words: readonly string[] | undefined): boolean => words?.[0]?.toLowerCase() === "true";

function valuesOf(text: string, where: string, name: string): Float32Array {
  const words = text.split(",");
  const values = new Float32Array(words.length);
  for (const [index, word] of words.entries()) {
    const trimmed = word.trim();
    const value = trimmed === "?" || trimmed === "NaN" ? Number.NaN : Number(trimmed);
    if (trimmed === "" || (Number.isNaN(value) && trimmed !== "?" && trimmed !== "NaN"))
      throw new FormatError(name, `${where} has "${trimmed.slice(0, 20)}" where a number should be`, "mend the line");
    values[index] = value;
  }
  return values;
}

/**
 * Reads a .ts file: series of one dimension or several, of equal lengths or not, with class labels.
 * @param name what to call the file in errors
 * @throws FormatError that names the line where a number or label is none, for series with time stamps, and where dimensions differ from line to line
 */
export function readTimeSeries(text: string, name: string): LabelledSeries {
  const lines = text.split(/\r?\n/);
  const { head, end } = headOf(lines, name);
  if (isTrue(head.get("timestamps")))
    throw new FormatError(name, "its values have time stamps", "use a file with values alone");
  const [labelled, ...classes] = head.get("classlabel") ?? ["false"];
  const hasLabels = labelled?.toLowerCase() === "true";
  const series: Float32Array[][] = [];
  const labels: number[] = [];
  for (const [index, line] of lines.entries()) {
    if (index < end || line.trim() === "") continue;
    const where = `line ${index + 1}`;
    const parts = line.split(":");
    if (hasLabels) {
      const label = parts.pop()?.trim() ?? "";
      const known = classes.indexOf(label);
      if (known < 0)
        throw new FormatError(name, `${where} has the label "${label}"`, `use one of ${classes.join(", ")}`);
      labels.push(known);
    }
    const dimensions = parts.map((part) => valuesOf(part, where, name));
    if (dimensions.length !== (series[0] ?? dimensions).length)
      throw new FormatError(
        name,
        `${where} has ${dimensions.length} dimensions, others ${series[0]?.length}`,
        "mend the line",
      );
    series.push(dimensions);
  }
  if (series.length === 0) throw new FormatError(name, "there are no series after @data", "get the file again");
  return { series, labels, classes };
}
