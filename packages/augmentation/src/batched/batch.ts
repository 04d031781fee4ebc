// What functions of batches share: their shape, and a number for all images or one for each.
import { AttributeError, ShapeError, type Tensor, type TensorLike, at, isTensor, reshape, tensor } from "@stria/core";

/** One number for all images, or one for each: a list, or a tensor `[N]` that may be an argument of a compiled function. */
export type PerImage = number | readonly number[] | Tensor;

/** @throws ShapeError for a batch that is not [N, C, H, W], C being one of `channels` where they are told. */
export function checkBatch(name: string, images: Tensor, channels: readonly number[] = []): void {
  if (images.rank === 4 && (channels.length === 0 || channels.includes(at(images.shape, 1)))) return;
  const wanted = channels.length === 0 ? "channels" : channels.join(" or ");
  throw new ShapeError(name, `a batch of shape [${images.shape.join(", ")}]`, `give [count, ${wanted}, height, width]`);
}

/** Count, channels, height and width of a batch. */
export function sidesOf(images: Tensor): readonly [count: number, channels: number, height: number, width: number] {
  return [at(images.shape, 0), at(images.shape, 1), at(images.shape, 2), at(images.shape, 3)];
}

/** @throws ShapeError for another number of what there is one of for each image. */
export function checkCount(name: string, what: string, found: number, images: Tensor): void {
  if (found !== at(images.shape, 0))
    throw new ShapeError(
      name,
      `${found} ${what} for ${at(images.shape, 0)} images`,
      "pass one for all, or one for each",
    );
}

/** `[N]` as `[N, 1, 1, 1]`, beside images. @throws ShapeError for a tensor that is not [N]. */
export function besideImages(name: string, what: string, images: Tensor, values: Tensor): Tensor {
  if (values.rank !== 1)
    throw new ShapeError(name, `${what} of shape [${values.shape.join(", ")}]`, "pass one for each image: [count]");
  checkCount(name, what, at(values.shape, 0), images);
  return reshape(values, [at(values.shape, 0), 1, 1, 1]);
}

/** The numbers a batch is given, as they meet images `[N, C, H, W]`. */
export interface NumberRule {
  /** What they are, in errors. */
  readonly what: string;
  readonly least: number;
  readonly most: number;
}

/**
 * One number for all images, or `[N, 1, 1, 1]`.
 * @throws ShapeError for another number of them; AttributeError for one that is out of range, where they are known
 */
export function besideEach(
  name: string,
  images: Tensor,
  numbers: PerImage,
  { what, least, most }: NumberRule,
): TensorLike | number {
  if (isTensor(numbers)) return besideImages(name, `${what}s`, images, numbers);
  const list = typeof numbers === "number" ? [numbers] : numbers;
  const wrong = list.find((one) => !(one >= least && one <= most && Number.isFinite(one)));
  if (wrong !== undefined)
    throw new AttributeError(
      name,
      `a ${what} is ${wrong}`,
      most === Infinity ? `use finite numbers from ${least}` : `use numbers from ${least} to ${most}`,
    );
  if (typeof numbers === "number") return numbers;
  checkCount(name, `${what}s`, numbers.length, images);
  return tensor(Float32Array.from(numbers), { shape: [numbers.length, 1, 1, 1] });
}
