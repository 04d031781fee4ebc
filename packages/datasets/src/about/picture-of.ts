// The picture, the class and the size of any dataset's item, as far as it has them.
import type { Boxes, Image, Mask } from "@stria/augmentation";
import type { Dataset, Field, Fields } from "@stria/data";

/** What an item shows. */
export interface Shown {
  /** Pixels from 0 to 255, as bytes or floats, one plane after the other. */
  readonly image: Image | undefined;
  readonly mask: Mask | undefined;
  readonly boxes: Boxes | undefined;
  /** The class; undefined where the item has none. */
  readonly label: number | undefined;
  readonly text: string | undefined;
  /** The path of its file, else its number. */
  readonly name: string;
}

type Kinds = Image | Mask | Boxes;

function partOf<Kind extends Kinds["kind"]>(item: object, kind: Kind): Extract<Kinds, { kind: Kind }> | undefined {
  return Object.values(item).find(
    (value: unknown): value is Extract<Kinds, { kind: Kind }> =>
      typeof value === "object" && value !== null && "kind" in value && value.kind === kind && "values" in value,
  );
}

/** Bytes out of floats in whatever range. */
function stretched(values: ArrayLike<number>): Uint8Array {
  let [least, most] = [Infinity, -Infinity];
  for (let at = 0; at < values.length; at++) {
    least = Math.min(least, values[at] ?? 0);
    most = Math.max(most, values[at] ?? 0);
  }
  const scale = most > least ? 255 / (most - least) : 0;
  return Uint8Array.from(values, (value) => Math.round((value - least) * scale));
}

/** The array of an item that is stated to be `[channels, height, width]`. */
function arrayImage(dataset: Described, item: object, index: number): Image | undefined {
  const found = Object.entries<Field>(dataset.fields ?? {}).find(([name, { shape, dtype }]) => {
    const planes = shape.length === 3 && [1, 3].includes(shape[0] ?? 0);
    return planes && (dtype === "float32" || dtype === "uint8") && ArrayBuffer.isView(Reflect.get(item, name));
  });
  if (!found) return undefined;
  const [name, { shape }] = found;
  const [channels = 0, height = 0, width = 0] = shape;
  // MNIST and its like keep the bytes that were there before normalising.
  const method: unknown = Reflect.get(dataset, "pixels");
  const stored: unknown = typeof method === "function" ? Reflect.apply(method, dataset, [index]) : undefined;
  if (stored instanceof Uint8Array && stored.length === channels * height * width)
    return { kind: "image", values: stored, shape: [channels, height, width] };
  const values: unknown = Reflect.get(item, name);
  if (values instanceof Uint8Array) return { kind: "image", values, shape: [channels, height, width] };
  if (!(values instanceof Float32Array)) return undefined;
  return { kind: "image", values: stretched(values), shape: [channels, height, width] };
}

/** The field that is a class label, else `label` or `y`. */
function labelOf({ fields = {} }: Described, item: object): number | undefined {
  const stated = Object.keys(fields).find((name) => fields[name]?.numClasses !== undefined);
  const value: unknown = stated === undefined ? undefined : Reflect.get(item, stated);
  return typeof value === "number" ? value : undefined;
}

/** What may be known of the items of a dataset or a stream. */
interface Described {
  readonly fields?: Fields | undefined;
}

/** What an item of a dataset or a stream shows. */
export function shownBy(dataset: Described, item: object, index: number): Shown {
  const name: unknown = Reflect.get(item, "name");
  const text: unknown = Reflect.get(item, "text");
  return {
    image: partOf(item, "image") ?? arrayImage(dataset, item, index),
    mask: partOf(item, "mask"),
    boxes: partOf(item, "boxes"),
    label: labelOf(dataset, item),
    text: typeof text === "string" ? text : undefined,
    name: typeof name === "string" ? name : `item ${index}`,
  };
}

/** What item `index` of a dataset shows. @throws what the dataset throws */
export async function shownOf(dataset: Dataset<object>, index: number): Promise<Shown> {
  return shownBy(dataset, await dataset.get(index), index);
}

/** The names of the classes, where the dataset knows them. */
export function classNamesOf(dataset: object): readonly string[] | undefined {
  const names: unknown = "classNames" in dataset ? dataset.classNames : undefined;
  return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : undefined;
}

/** Luma of ITU-R BT.601, in the range of the values; the first plane of what is not RGB. */
export function greyOf({ values, shape: [channels, height, width] }: Image): Float32Array<ArrayBuffer> {
  const area = height * width;
  const grey = new Float32Array(area);
  for (let at = 0; at < area; at++)
    grey[at] =
      channels < 3
        ? (values[at] ?? 0)
        : 0.299 * (values[at] ?? 0) + 0.587 * (values[area + at] ?? 0) + 0.114 * (values[2 * area + at] ?? 0);
  return grey;
}
