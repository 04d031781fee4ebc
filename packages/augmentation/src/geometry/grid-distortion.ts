// Grid distortion: the cells of a grid become wider or narrower, by albumentations' rule.
import { AttributeError } from "@stria/core";
import type { Canvas } from "../parts.ts";
import type { Warp } from "./warp.ts";

export interface GridParameters {
  /** How wide what becomes each column of cells is, relative to the cells; one more than there are whole cells. */
  readonly stepsX: readonly number[];
  /** How high what becomes each row of cells is. */
  readonly stepsY: readonly number[];
  /** Whether the steps are scaled so that all of the image is seen. Default true. */
  readonly normalised?: boolean;
}

/** The steps scaled so that they lead to the other end. */
function wholeSteps(steps: readonly number[], size: number, cell: number): number[] {
  const last = steps.length - 1;
  const scaled = steps.map((step, i) => (i === last ? (step * (size - last * cell)) / cell : step));
  const sum = scaled.reduce((total, step) => total + step, 0);
  return scaled.map((step) => (step * size) / cell / sum);
}

/** Where the centres of the pixels along an axis come from. A cell's places are spread evenly from its start to its end, both included. */
function placesAlong(size: number, steps: readonly number[], normalised: boolean): Float64Array {
  const cell = Math.floor(size / (steps.length - 1));
  if (steps.length < 2 || cell < 1)
    throw new AttributeError(
      "gridDistortion",
      `${steps.length} steps along a side of ${size} pixels`,
      "pass from 2 steps up to one more than there are pixels",
    );
  const wrong = steps.find((step) => !(step > 0 && Number.isFinite(step)));
  if (wrong !== undefined) throw new AttributeError("gridDistortion", `a step is ${wrong}`, "use numbers above 0");
  const places = new Float64Array(size);
  let start = 0;
  for (const [index, step] of (normalised ? wholeSteps(steps, size, cell) : steps).entries()) {
    const [first, end] = [index * cell, Math.min((index + 1) * cell, size)];
    const stop = start + cell * step;
    for (let i = first; i < end; i++)
      places[i] = end - first === 1 ? start : start + ((stop - start) * (i - first)) / (end - first - 1);
    start = stop;
  }
  return places;
}

/** Where along an axis what comes from `place` is. */
function arrivalAlong(places: Float64Array, place: number): number {
  const last = places.length - 1;
  const found = places.findIndex((from) => from >= place);
  const next = found < 0 ? last : Math.max(found, 1);
  const [before, after] = [places[next - 1] ?? 0, places[next] ?? 0];
  return after === before ? next : next - 1 + (place - before) / (after - before);
}

/** The columns and rows, in pixels from the centre of the first one, that the pixels of each column and row come from. @throws AttributeError for steps that are not above 0, or too many. */
export function gridPlaces(
  { height, width }: Canvas,
  { stepsX, stepsY, normalised = true }: GridParameters,
): { readonly columns: Float64Array; readonly rows: Float64Array } {
  return { columns: placesAlong(width, stepsX, normalised), rows: placesAlong(height, stepsY, normalised) };
}

/** What widens and narrows the cells of a grid; outside of the image is its mirror image. @throws AttributeError for steps that are not above 0, or too many. */
export function gridWarp(canvas: Canvas, parameters: GridParameters): Warp {
  const { columns, rows } = gridPlaces(canvas, parameters);
  return {
    before: canvas,
    canvas,
    straight: false,
    border: "reflect",
    sources(row, xs, ys) {
      for (let column = 0; column < canvas.width; column++) xs[column] = (columns[column] ?? 0) + 0.5;
      ys.fill((rows[row] ?? 0) + 0.5);
    },
    forward: (x, y) => [arrivalAlong(columns, x - 0.5) + 0.5, arrivalAlong(rows, y - 0.5) + 0.5],
  };
}
