// A confusion matrix as lines of text.
import { at } from "@stria/core";
import type { ConfusionMatrix } from "@stria/training";

/** Rows are the digits, columns what they are read as; `·` stands for 0. At the end of a row the share that is read rightly. */
export function drawConfusion(matrix: ConfusionMatrix): string[] {
  const width = Math.max(...matrix.flat().map((count) => String(count).length)) + 2;
  const cell = (text: string): string => text.padStart(width);
  const rows = matrix.map((counts, digit) => {
    const all = counts.reduce((total, count) => total + count, 0);
    const share = all === 0 ? "" : `${((100 * at(counts, digit)) / all).toFixed(1)} %`;
    return `${String(digit).padStart(6)} ${counts.map((count) => cell(count === 0 ? "·" : String(count))).join("")}${share.padStart(9)}`;
  });
  return [`read as${matrix.map((_, digit) => cell(String(digit))).join("")}`, ...rows];
}
