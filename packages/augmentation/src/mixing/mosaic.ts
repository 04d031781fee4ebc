// Mosaic (Bochkovskiy et al. 2020): four samples around a point, with their masks, boxes and key points.
import { AttributeError } from "@stria/core";
import type { ItemRandom } from "@stria/data";
import { type LargeBoxesOptions, cropBoxes, cropImage, cropMask, largeBoxes } from "../crop.ts";
import type { Fill } from "../fill.ts";
import type { Boxes, Canvas, Image, Keypoints, Mask, Part, PartsByName } from "../parts.ts";
import { canvasOf } from "../parts.ts";
import type { Size } from "../random-crop.ts";
import { type Range, checkedRange, drawn } from "../range.ts";
import { type Window, checkWindow, emptyLike } from "../window.ts";

/** Where the four meet, in whole pixels. */
export interface MosaicParameters {
  readonly row: number;
  readonly column: number;
}

export interface MosaicOptions extends LargeBoxesOptions {
  /** Where the four may meet, as shares of the sides. Default 0.25 to 0.75. */
  readonly centre?: Range;
  /** What pixels are that no image covers. Default 0. */
  readonly fill?: Fill;
  /** The class that they have in masks. Default 0. */
  readonly maskFill?: number;
}

/** A transform of four samples: upper left, upper right, lower left, lower right. */
export interface Mosaic {
  readonly name: string;
  /** Draws where the four meet. */
  draw(random: ItemRandom): MosaicParameters;
  /** The one sample that the four become; boxes and key points that are seen, of all of them one after the other. */
  apply<Sample extends PartsByName>(
    samples: readonly [Sample, Sample, Sample, Sample],
    parameters: MosaicParameters,
  ): Sample;
}

/** A rectangle of the canvas, and the window of the image that is seen there. */
interface Piece {
  readonly on: Window;
  readonly of: Window;
}

/** Each image touches the meeting point with the corner that is next to it. */
function pieceOf(index: number, image: Canvas, size: Canvas, { row, column }: MosaicParameters): Piece {
  const [right, lower] = [index % 2 === 1, index >= 2];
  const [top, left] = [lower ? row : 0, right ? column : 0];
  const [height, width] = [lower ? size.height - row : row, right ? size.width - column : column];
  const on = { top, left, height, width };
  return { on, of: { ...on, top: lower ? 0 : image.height - row, left: right ? 0 : image.width - column } };
}

function paste<Kind extends Float32Array | Uint8Array | Int32Array>(
  into: Kind,
  planes: number,
  size: Canvas,
  values: Kind,
  { top, left, height, width }: Window,
): void {
  for (let plane = 0; plane < planes; plane++)
    for (let row = 0; row < height; row++) {
      const from = (plane * height + row) * width;
      into.set(values.subarray(from, from + width), (plane * size.height + top + row) * size.width + left);
    }
}

function joinedFloats(lists: readonly Float32Array[]): Float32Array {
  return Float32Array.from(lists.flatMap((list) => [...list]));
}

/** Coordinates moved to where a piece is on the canvas. */
function shifted(values: Float32Array, { top, left }: Window): Float32Array {
  return values.map((value, i) => value + (i % 2 === 0 ? left : top));
}

/** The points that a window shows, in its frame: the others would lie on what is somebody else's. */
function visible({ values }: Keypoints, { top, left, height, width }: Window): Float32Array {
  const kept: number[] = [];
  for (let index = 0; index < values.length; index += 2) {
    const [x, y] = [(values[index] ?? 0) - left, (values[index + 1] ?? 0) - top];
    if (x >= 0 && x < width && y >= 0 && y < height) kept.push(x, y);
  }
  return Float32Array.from(kept);
}

/**
 * Four samples as one of `size`. Each shows the part that is next to the meeting point, with the boxes and key points that are there; images that are smaller leave a border.
 * @throws AttributeError for a size without pixels, or an option out of range; when it is applied, for samples of different parts
 */
export function mosaic(size: Size, options: MosaicOptions = {}): Mosaic {
  const { fill = 0, maskFill = 0 } = options;
  const [height, width] = typeof size === "number" ? [size, size] : size;
  const canvas = { height, width };
  checkWindow("mosaic", { top: 0, left: 0, ...canvas });
  const centre = checkedRange("mosaic", "centre", options.centre ?? [0.25, 0.75], 0, 1);

  function join(parts: readonly Part[], pieces: readonly Piece[], name: string): Part {
    const [first] = parts;
    const of = <Kind extends Part["kind"]>(kind: Kind): Extract<Part, { readonly kind: Kind }>[] =>
      parts.filter((part): part is Extract<Part, { readonly kind: Kind }> => part.kind === kind);
    if (!first || of(first.kind).length !== pieces.length)
      throw new AttributeError("mosaic", `part ${name} is not of one kind in all samples`, "give four samples alike");
    switch (first.kind) {
      case "image":
        return joinImages(of("image"), pieces);
      case "mask":
        return joinMasks(of("mask"), pieces);
      case "boxes":
        return joinBoxes(of("boxes"), pieces);
      case "keypoints":
        return joinKeypoints(of("keypoints"), pieces);
    }
  }

  function joinImages(images: readonly Image[], pieces: readonly Piece[]): Image {
    const [first] = images;
    const channels = first?.shape[0] ?? 0;
    const type = first?.values.constructor.name;
    if (!first || images.some(({ shape, values }) => shape[0] !== channels || values.constructor.name !== type))
      throw new AttributeError("mosaic", "the images have different channels or types", "give images alike");
    const values = emptyLike(first.values, channels * height * width);
    for (const [index, image] of images.entries()) {
      const piece = pieces[index];
      if (!piece || piece.on.height === 0 || piece.on.width === 0) continue;
      paste(values, channels, canvas, cropImage(image, piece.of, { fill }).values, piece.on);
    }
    return { kind: "image", values, shape: [channels, height, width] };
  }

  function joinMasks(masks: readonly Mask[], pieces: readonly Piece[]): Mask {
    const values = new Int32Array(height * width);
    for (const [index, mask] of masks.entries()) {
      const piece = pieces[index];
      if (!piece || piece.on.height === 0 || piece.on.width === 0) continue;
      paste(values, 1, canvas, Int32Array.from(cropMask(mask, piece.of, { fill: maskFill }).values), piece.on);
    }
    const bytes = masks.every((mask) => mask.values instanceof Uint8Array);
    return { kind: "mask", values: bytes ? Uint8Array.from(values) : values, shape: [height, width] };
  }

  function joinBoxes(all: readonly Boxes[], pieces: readonly Piece[]): Boxes {
    const moved = all.flatMap((boxes, index) => {
      const piece = pieces[index];
      if (!piece || piece.on.height === 0 || piece.on.width === 0) return [];
      const { values, labels } = largeBoxes(cropBoxes(boxes, piece.of), options);
      return [{ values: shifted(values, piece.on), labels }];
    });
    return {
      kind: "boxes",
      values: joinedFloats(moved.map(({ values }) => values)),
      labels: Int32Array.from(moved.flatMap(({ labels }) => [...labels])),
    };
  }

  function joinKeypoints(all: readonly Keypoints[], pieces: readonly Piece[]): Keypoints {
    const moved = all.map((points, index) => {
      const piece = pieces[index];
      return piece ? shifted(visible(points, piece.of), piece.on) : new Float32Array(0);
    });
    return { kind: "keypoints", values: joinedFloats(moved) };
  }

  return {
    name: "mosaic",
    draw: (random) => ({
      row: Math.round(drawn(random, centre) * height),
      column: Math.round(drawn(random, centre) * width),
    }),
    apply(samples, parameters) {
      const pieces = samples.map((sample, index) => pieceOf(index, canvasOf(sample), canvas, parameters));
      const [first] = samples;
      const joined = Object.keys(first).map((name) => {
        const parts = samples.flatMap((sample) => sample[name] ?? []);
        return [name, join(parts, pieces, name)] as const;
      });
      return { ...first, ...Object.fromEntries(joined) };
    },
  };
}
