// What both forms of LeNet-5 read: images of 32x32, and MNIST's own of 28x28.
import { type Tensor, pad } from "@stria/core";
import { type ImageReader, checkImages } from "./images.ts";

/** The images as they are; of 28x28 with a border of two pixels of `background`. @throws ShapeError for images of other sizes or channels, which names those that fit. */
export function digitImages(model: string, reader: ImageReader, x: Tensor, background: number): Tensor {
  const [, , height, width] = x.shape;
  const border = [2, 2] as const;
  const image =
    x.rank === 4 && height === 28 && width === 28 ? pad(x, [[0, 0], [0, 0], border, border], background) : x;
  checkImages(model, { ...reader, besides: "28x28, which get a border" }, image);
  return image;
}
