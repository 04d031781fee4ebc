// Points of three classes, shaken anew in each epoch.
import { classLabel, type Dataset, type Sample, type TransformContext } from "@stria/data";

interface Point extends Sample {
  readonly x: Float32Array;
  readonly y: number;
}

export const points: Dataset<Point> = {
  length: 44,
  fields: { x: { shape: [2], dtype: "float32" }, y: classLabel(3) },
  get: (index) => ({ x: Float32Array.of(Math.cos(index * 2.1), Math.sin(index * 2.1)), y: index % 3 }),
};

/** The point moved by a little. */
export function shaken({ x, y }: Point, { random }: TransformContext): Point {
  return { x: x.map((value) => value + random.normal(0, 0.1)), y };
}
