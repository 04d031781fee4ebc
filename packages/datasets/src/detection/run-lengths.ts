// COCO's run-length code of a mask: lengths of runs of 0 and 1 in turn, column by column, as numbers or as text.
import { FormatError } from "@stria/core";
import type { Canvas } from "@stria/augmentation";

/**
 * Numbers out of text: six bits less 48 a character, five of the number, one that says whether it goes on; from the third on, differences to the one before the last.
 */
function numbersOf(text: string, where: string): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < text.length;) {
    let value = 0;
    let shift = 0;
    for (let goesOn = true; goesOn; shift += 5) {
      const code = text.charCodeAt(at++) - 48; // NaN behind the end
      if (!(code >= 0 && code < 64) || shift > 30)
        throw new FormatError(where, "a run-length mask is damaged", "get the file again");
      value += (code & 31) * 2 ** shift;
      goesOn = (code & 32) !== 0;
      if (!goesOn && (code & 16) !== 0) value -= 2 ** (shift + 5);
    }
    numbers.push(numbers.length > 2 ? value + (numbers.at(-2) ?? 0) : value);
  }
  return numbers;
}

/** Sets the pixels of the mask to `label`. @throws FormatError when the runs are not as many pixels as the mask has */
export function drawRuns(
  pixels: Uint8Array | Int32Array,
  { height, width }: Canvas,
  counts: string | readonly number[],
  label: number,
  where: string,
): void {
  const runs = typeof counts === "string" ? numbersOf(counts, where) : counts;
  const total = runs.reduce((sum, run) => sum + run, 0);
  if (total !== height * width || runs.some((run) => !Number.isInteger(run) || run < 0))
    throw new FormatError(
      where,
      `a run-length mask is of ${total} pixels, and its image of ${height * width}`,
      "get the file again",
    );
  let at = 0;
  for (const [index, run] of runs.entries()) {
    if (index % 2 === 1)
      for (let pixel = at; pixel < at + run; pixel++)
        pixels[(pixel % height) * width + Math.floor(pixel / height)] = label;
    at += run;
  }
}
