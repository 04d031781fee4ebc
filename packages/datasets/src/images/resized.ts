// Images of one size, as arrays that make batches.
import { AttributeError } from "@stria/core";
import {
  type Boxes,
  type Canvas,
  type Image,
  type Keypoints,
  type Mask,
  resizeBoxes,
  resizeImage,
  resizeKeypoints,
  resizeMask,
} from "@stria/augmentation";
import { type Dataset, type Field, map } from "@stria/data";

/** An item whose images and masks are arrays. */
export type Resized<Item> = {
  readonly [Name in keyof Item]: Item[Name] extends Image
    ? Uint8Array
    : Item[Name] extends Mask
      ? Int32Array
      : Item[Name];
};

type Parts = Image | Mask | Boxes | Keypoints;

function isPart(value: unknown): value is Parts {
  return typeof value === "object" && value !== null && "kind" in value && "values" in value;
}

/** Floats from 0 to 255, which 16 bits are read as, to the nearest byte. */
function bytesOf(values: Uint8Array | Float32Array): Uint8Array {
  return values instanceof Uint8Array ? values : new Uint8Array(Uint8ClampedArray.from(values));
}

export interface ResizedOptions extends Canvas {
  /** Channels of the images; 3 by default, as the datasets read them. */
  readonly channels?: number;
}

/**
 * The dataset with all images and masks in one size, whatever their proportions: arrays with stated shapes, which make tensors of a batch, and which `augmented` takes. Images are
 * bytes, masks int32 with their labels as they are, boxes and key points move along.
 * @param parts the fields that are images and masks
 * @throws AttributeError for a field that is neither, when an item is asked for, and for a size without pixels
 */
export function resized<Item extends object>(
  dataset: Dataset<Item>,
  parts: { readonly [Name in keyof Item]?: "image" | "mask" },
  { height, width, channels = 3 }: ResizedOptions,
): Dataset<Resized<Item>> {
  const size = { height, width };
  const fields = Object.fromEntries(
    Object.entries<"image" | "mask" | undefined>(parts).map(([name, kind]): [string, Field] => [
      name,
      kind === "image"
        ? { shape: [channels, height, width], dtype: "uint8" }
        : { shape: [height, width], dtype: "int32" },
    ]),
  );
  const resize = (part: Parts, canvas: Canvas): unknown => {
    if (part.kind === "image") return bytesOf(resizeImage(part, size).values);
    if (part.kind === "mask") return Int32Array.from(resizeMask(part, size).values);
    return part.kind === "boxes" ? resizeBoxes(part, size, canvas) : resizeKeypoints(part, size, canvas);
  };
  return map(
    dataset,
    (item) => {
      const entries = Object.entries(item) as [string, unknown][];
      const sized = entries.find(([name, value]) => name in fields && isPart(value))?.[1];
      if (!isPart(sized) || (sized.kind !== "image" && sized.kind !== "mask"))
        throw new AttributeError(
          "resized",
          `${Object.keys(fields).join(", ")} is no image or mask`,
          "name fields that are",
        );
      const [rows = 0, columns = 0] = sized.kind === "image" ? sized.shape.slice(1) : sized.shape;
      const made = entries.map(([name, value]) => [
        name,
        isPart(value) ? resize(value, { height: rows, width: columns }) : value,
      ]);
      return Object.fromEntries(made) as Resized<Item>;
    },
    fields,
  );
}
