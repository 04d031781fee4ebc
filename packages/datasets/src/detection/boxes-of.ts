// Boxes as annotations have them, to those of a sample: inside of the image, with an area, each with its class.
import { FormatError } from "@stria/core";
import type { Boxes, Canvas } from "@stria/augmentation";

/** A box of an annotation: left, top, right, bottom in pixels. */
export interface AnnotatedBox {
  readonly box: readonly [left: number, top: number, right: number, bottom: number];
  readonly label: number;
}

/** What boxes may reach beyond the image for rounding, in pixels. */
const rounding = 1;

export interface BoxOptions {
  /** What to do with a box that reaches more than a pixel beyond its image: an error by default, or clip it. */
  readonly outside?: "throw" | "clip";
}

/** Whether a box has an area. Some sets have boxes of no width: points where a hand slipped. */
export function hasArea({ box: [left, top, right, bottom] }: AnnotatedBox): boolean {
  return right > left && bottom > top;
}

/** Refuses a box that is no box. @throws FormatError when it ends before it begins, or is not made of numbers */
export function checkBox(box: AnnotatedBox["box"], where: string, what: string): void {
  const [left, top, right, bottom] = box;
  if (left <= right && top <= bottom && box.every(Number.isFinite)) return;
  throw new FormatError(
    where,
    `${what} has the box [${box.join(", ")}]: left, top, right, bottom`,
    "correct it, or leave it out",
  );
}

/** The boxes of an image of size `canvas`. @throws FormatError for one that reaches beyond it by more than a pixel, unless those are clipped */
export function boxesOf(
  found: readonly AnnotatedBox[],
  canvas: Canvas,
  where: string,
  { outside = "throw" }: BoxOptions,
): Boxes {
  const values = new Float32Array(4 * found.length);
  for (const [index, { box }] of found.entries()) {
    const [left, top, right, bottom] = box;
    const beyond = Math.max(-left, -top, right - canvas.width, bottom - canvas.height);
    if (beyond > rounding && outside === "throw")
      throw new FormatError(
        where,
        `box ${index}, [${box.join(", ")}], reaches beyond the image of ${canvas.width} x ${canvas.height} pixels`,
        'correct it, or pass outside: "clip"',
      );
    const sides = [canvas.width, canvas.height, canvas.width, canvas.height];
    values.set(
      box.map((value, side) => Math.min(Math.max(value, 0), sides[side] ?? 0)),
      4 * index,
    );
  }
  return { kind: "boxes", values, labels: Int32Array.from(found, ({ label }) => label) };
}
