// Tensors of goldens as parts of a sample, and back.
import { type Image, type Mask, boxes, image, keypoints, mask } from "@stria/augmentation";
import type { Boxes, Keypoints } from "@stria/augmentation";
import type { HostTensor } from "@stria/core";
import { GoldenError } from "../json.ts";
import type { Inputs } from "./vision-case.ts";

/** What an answer says of an output. */
export interface Found {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

export function imageOf({ data, shape }: HostTensor): Image {
  const [channels = 0, height = 0, width = 0] = shape;
  if (shape.length !== 3 || !(data instanceof Float32Array || data instanceof Uint8Array))
    throw new GoldenError(`a tensor of shape [${shape.join(", ")}] is no image`);
  return image<Float32Array | Uint8Array>(data, [channels, height, width]);
}

export function maskOf({ data, shape }: HostTensor): Mask {
  const [height = 0, width = 0] = shape;
  if (shape.length !== 2 || !(data instanceof Uint8Array || data instanceof Int32Array))
    throw new GoldenError(`a tensor of shape [${shape.join(", ")}] is no mask`);
  return mask<Uint8Array | Int32Array>(data, [height, width]);
}

/** Boxes that are numbered by their labels. */
export function boxesOf({ data, shape: [count = 0] }: HostTensor): Boxes {
  return boxes(
    Float32Array.from(data),
    Int32Array.from({ length: count }, (_, index) => index),
  );
}

export function keypointsOf({ data }: HostTensor): Keypoints {
  return keypoints(Float32Array.from(data));
}

export function floatsOf(inputs: Inputs, name: string): Float32Array {
  return Float32Array.from(inputs.tensor(name).data);
}

/** Numbers in a row. */
export function listed(values: ArrayLike<number>): Found {
  return { shape: [values.length], values };
}

/** Images of one size, one after the other. */
export function stacked(images: readonly Image[]): Found {
  return { shape: [images.length, ...(images[0]?.shape ?? [])], values: images.flatMap(({ values }) => [...values]) };
}
