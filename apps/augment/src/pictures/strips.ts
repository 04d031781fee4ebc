// A strip of small pictures for each transform: what a few draws make of the sample.
import { type PartsByName, type Transform, apply, parametersOf } from "@stria/augmentation";
import type { Entry } from "../catalogue/entry.ts";
import { harbour } from "../samples/harbour.ts";
import { Canvas } from "./canvas.ts";
import { cell, drawTile } from "./tile.ts";

const gap = 4;

/** Samples side by side. */
export function strip(samples: readonly PartsByName[]): Canvas {
  const canvas = new Canvas(cell.height, samples.length * (cell.width + gap) - gap);
  for (const [index, sample] of samples.entries()) drawTile(canvas, sample, index * (cell.width + gap), 0);
  return canvas;
}

const movesAll = (transform: Transform<unknown, never>): transform is Transform =>
  ["image", "mask", "boxes", "keypoints"].every((kind) => Object.hasOwn(transform.rules, kind));
const movesImages = (transform: Transform<unknown, never>): transform is Transform<unknown, "image"> =>
  Object.hasOwn(transform.rules, "image");

/** The first draws of which something is done: with masks, boxes and points where those move. */
export function stripOf({ make, moves }: Entry, wanted = 3): Canvas {
  const [transform, scene] = [make({}), harbour()];
  const [canvas, all] = [{ height: scene.image.shape[1], width: scene.image.shape[2] }, { ...scene }];
  const made: PartsByName[] = [];
  // Those that happen sometimes: only what they do when they do. Those without chance: once.
  const seen = new Set(["null", '{"flip":false}', '{"turns":0}']);
  for (let index = 0; made.length < wanted && index < 12; index++) {
    const parameters = parametersOf(transform, canvas, { seed: 7, index });
    const drawn = JSON.stringify(parameters);
    if (seen.has(drawn)) continue;
    seen.add(drawn);
    const sample: PartsByName = moves === "pixels" ? all : { image: scene.image };
    if (movesAll(transform)) made.push(apply(transform, sample, parameters));
    else if (movesImages(transform)) made.push(apply(transform, { image: scene.image }, parameters));
  }
  return strip(made);
}
