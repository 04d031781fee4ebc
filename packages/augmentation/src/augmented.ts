// Transforms in a loader: which fields of items are parts, and what becomes of them.
import { AttributeError, ShapeError, showShape } from "@stria/core";
import { type Dataset, type Field, type Fields, type ItemRandom, type TransformContext, itemRandom } from "@stria/data";
import { type Kind, type Part, type PartsByName, image, keypoints, mask } from "./parts.ts";
import { type Transform, applyToParts } from "./transform.ts";

/** The kinds that an array of a stated shape can be of. */
export type FieldKind = Exclude<Kind, "boxes">;

/** Which fields of the items are parts. */
type PartFields<Item> = { readonly [Name in keyof Item]?: FieldKind };

/** The kinds that are named. */
type KindsIn<Named> = Extract<Named[keyof Named], FieldKind>;

/** What a loader is given so that its items are augmented. */
export interface Augmentation<Item> {
  /** Makes the item of this epoch of the one that was read. */
  readonly transform: (item: Item, context: TransformContext) => Item;
  /** The shapes of the parts afterwards. */
  readonly fields: Fields;
}

const wanted: Readonly<Record<FieldKind, string>> = {
  image: "float32 or uint8 [channels, height, width]",
  mask: "int32 or uint8 [height, width]",
  keypoints: "float32 [N, 2]",
};

/** The part that the values of a field are. */
function partOf(name: string, kind: FieldKind, values: unknown, { shape }: Field): Part {
  const [first = 0, second = 0, third = 0] = shape;
  if (values instanceof Float32Array && kind === "keypoints" && shape.length === 2) return keypoints(values);
  if ((values instanceof Float32Array || values instanceof Uint8Array) && kind === "image" && shape.length === 3)
    return image(values, [first, second, third]);
  if ((values instanceof Int32Array || values instanceof Uint8Array) && kind === "mask" && shape.length === 2)
    return mask(values, [first, second]);
  throw new AttributeError(
    "augmented",
    `field ${name} (${values?.constructor.name}) of shape ${showShape(shape)} is no ${kind}`,
    `make it ${wanted[kind]}`,
  );
}

/** Zeros as a field states them. */
function zerosOf({ shape, dtype }: Field): Float32Array | Uint8Array | Int32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  if (dtype === "float32") return new Float32Array(size);
  return dtype === "int32" ? new Int32Array(size) : new Uint8Array(size);
}

/** A field that holds a part now. */
function fieldAfter(field: Field | undefined, part: Part | undefined): Field {
  const [shape, dtype] = [field?.shape ?? [], field?.dtype ?? "float32"];
  if (part?.kind !== "image" && part?.kind !== "mask") return { ...field, shape, dtype };
  return { ...field, shape: part.shape, dtype: part.values instanceof Float32Array ? "float32" : dtype };
}

/**
 * What makes a loader augment the items of a dataset, anew in each epoch: `loader(train, { ...augmented(train, { x: "image" }, transform), batchSize: 64 })`.
 * An item's parameters are those of `parametersOf`, for the loader's seed; fields that are not named stay as they are.
 * @param parts which fields are parts, and of which kind; their shapes are those that the dataset states
 * @throws AttributeError for a field whose shape the dataset does not state, or that is of another kind; what the transform throws for images of that size
 */
export function augmented<Item extends object, const Named extends PartFields<Item>>(
  dataset: Pick<Dataset<Item>, "get" | "fields">,
  parts: Named,
  transform: Transform<unknown, KindsIn<Named>>,
): Augmentation<Item> {
  const named = Object.entries<FieldKind | undefined>(parts).flatMap(([name, kind]) => {
    if (kind === undefined) return [];
    const field = dataset.fields?.[name];
    if (field) return [{ name, kind, field }];
    throw new AttributeError(
      "augmented",
      `the dataset does not state the shape of field ${name}`,
      `add it to its fields: ${name}: { shape, dtype }`,
    );
  });
  const sized = named.find(({ kind }) => kind !== "keypoints");
  if (!sized) throw new AttributeError("augmented", "no field is an image or a mask", "name one");
  const [height = 0, width = 0] = sized.field.shape.slice(-2);
  const canvas = { height, width };
  const make = (sample: PartsByName, random: ItemRandom): PartsByName =>
    applyToParts(transform, sample, transform.draw(random, canvas), canvas);
  // All images are of one size, so one draw tells the size of all, and what becomes of one of zeros their channels and type.
  const zeros = Object.fromEntries(
    named.map(({ name, kind, field }) => [name, partOf(name, kind, zerosOf(field), field)]),
  );
  const after = make(zeros, itemRandom(0, { epoch: 0, index: 0 }));
  const fields = Object.fromEntries(named.map(({ name, field }) => [name, fieldAfter(field, after[name])]));

  return {
    fields,
    transform(item, { random }) {
      const sample = Object.fromEntries(
        named.map(({ name, kind, field }) => [name, partOf(name, kind, Reflect.get(item, name), field)]),
      );
      const made = Object.entries(make(sample, random)).map(([name, part]) => {
        const [found, stated] = [fieldAfter(fields[name], part).shape, fields[name]?.shape ?? []];
        if (part.kind !== "keypoints" && found.join() !== stated.join())
          throw new ShapeError(
            "augmented",
            `${transform.name} made field ${name} ${showShape(found)}, and of another item ${showShape(stated)}`,
            "end with a transform that makes all of one size, such as randomCrop or resize",
          );
        return [name, part.values] as const;
      });
      return { ...item, ...Object.fromEntries(made) };
    },
  };
}
