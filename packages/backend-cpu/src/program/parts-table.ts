// Parts of an array of pixels as a table, for the kernels that walk over them: loops/runs.ts.
import type { BufferId, ProgramBuilder } from "./steps.ts";
import type { PixelParts } from "./written-pixels.ts";

/** The parts as a table: for each the byte offset of its first run and of the one behind its last, then the runs, a pixel and a number of pixels each. */
export function partsTable(builder: ProgramBuilder, parts: PixelParts): BufferId {
  return builder.table(`parts ${parts.key}`, () => {
    const lists = Array.from({ length: parts.count }, (_, part) => parts.runs(part));
    const words = [...lists.map(() => 0), 0];
    lists.forEach((runs, part) => {
      words[part] = words.length * 4;
      for (const { pixel, pixels } of runs) words.push(pixel, pixels);
    });
    words[parts.count] = words.length * 4;
    return Int32Array.from(words);
  });
}
