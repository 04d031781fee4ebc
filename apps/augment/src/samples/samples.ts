// The samples that come with the page.
import { cells } from "./cells.ts";
import { face } from "./face.ts";
import { harbour } from "./harbour.ts";
import type { Scene } from "./raster.ts";

export interface Sample {
  readonly label: string;
  readonly scene: () => Scene;
  /** Names of the classes, from 0. */
  readonly classes: readonly string[];
}

export const samples = {
  harbour: { label: "Harbour", scene: harbour, classes: ["background", "boat", "balloon"] },
  cells: { label: "Cells", scene: cells, classes: ["plasma", "red cell", "white cell", "platelet"] },
  face: { label: "Face", scene: face, classes: ["background", "face", "hair", "clothes"] },
} as const satisfies Record<string, Sample>;

export type SampleName = keyof typeof samples;
