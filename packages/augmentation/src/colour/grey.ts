// Grey of red, green and blue: ITU-R BT.601's weights, as torchvision rounds them.
import { AttributeError } from "@stria/core";
import type { Image, Pixels } from "../parts.ts";
import { emptyLike } from "../window.ts";
import { checkColours } from "./levels.ts";

const [redShare, greenShare, blueShare] = [0.2989, 0.587, 0.114] as const;
const [redSingle, greenSingle, blueSingle] = [Math.fround(redShare), Math.fround(greenShare), Math.fround(blueShare)];

/** The grey of bytes, in float32 as torchvision computes it, digits after the point left off. */
export function greyOfBytes(red: number, green: number, blue: number): number {
  const sum = Math.fround(Math.fround(red * redSingle) + green * greenSingle);
  return Math.fround(sum + blue * blueSingle) | 0;
}

/** The grey of floats. */
export function greyOfFloats(red: number, green: number, blue: number): number {
  return redShare * red + greenShare * green + blueShare * blue;
}

/** The grey of each pixel of an image of one or three channels: whole numbers of bytes. */
export function greyPlane<Values extends Pixels>({ values, shape: [channels, height, width] }: Image<Values>): Values {
  const size = height * width;
  const made = emptyLike(values, size);
  if (channels === 1) {
    made.set(values);
    return made;
  }
  if (values instanceof Uint8Array)
    for (let i = 0; i < size; i++)
      made[i] = greyOfBytes(values[i] ?? 0, values[size + i] ?? 0, values[2 * size + i] ?? 0);
  else
    for (let i = 0; i < size; i++)
      made[i] = greyOfFloats(values[i] ?? 0, values[size + i] ?? 0, values[2 * size + i] ?? 0);
  return made;
}

/** The image in grey, of one channel or of three equal ones. @throws ShapeError for an image that is neither grey nor of three colours; AttributeError for another number of channels to make. */
export function greyImage<Values extends Pixels>(image: Image<Values>, channels: 1 | 3 = 1): Image<Values> {
  const [found, height, width] = image.shape;
  checkColours("grey", found);
  if (channels !== 1 && channels !== 3)
    throw new AttributeError("grey", `channels is ${String(channels)}`, "use 1 or 3");
  const plane = greyPlane(image);
  if (channels === 1) return { kind: "image", values: plane, shape: [1, height, width] };
  const made = emptyLike(plane, 3 * plane.length);
  for (const channel of [0, 1, 2]) made.set(plane, channel * plane.length);
  return { kind: "image", values: made, shape: [3, height, width] };
}
