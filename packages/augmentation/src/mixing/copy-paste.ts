// Copy-paste (Ghiasi et al. 2021): objects of one image, cut out along their outlines, on another.
import { ShapeError } from "@stria/core";
import type { ItemRandom } from "@stria/data";
import { checkProbability } from "../range.ts";
import type { Boxes, Image, Mask } from "../parts.ts";
import { emptyLike } from "../window.ts";

/** An image with its objects: the pixels of the object whose box is the k-th, from 0, are k + 1 in `instances`, and 0 elsewhere. */
export interface Scene {
  readonly image: Image;
  readonly instances: Mask<Int32Array>;
  readonly boxes: Boxes;
}

/** Which objects are pasted, by the numbers of their boxes. */
export interface CopyPasteParameters {
  readonly chosen: readonly number[];
}

/** Draws which of `count` objects are pasted, each with the probability. @throws AttributeError for a probability that is not from 0 to 1 */
export function drawCopyPaste(random: ItemRandom, count: number, probability = 0.5): CopyPasteParameters {
  checkProbability("copyPaste", probability);
  return { chosen: Array.from({ length: count }, (_, index) => index).filter(() => random.chance(probability)) };
}

/** The box around the pixels of each object, or nothing where no pixel is left. */
function extents({ values, shape: [, width] }: Mask<Int32Array>, count: number): (readonly number[] | undefined)[] {
  const found: ([number, number, number, number] | undefined)[] = Array.from({ length: count }, () => undefined);
  for (let i = 0; i < values.length; i++) {
    const object = (values[i] ?? 0) - 1;
    if (object < 0) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    const [left, top, right, bottom] = found[object] ?? [x, y, x + 1, y + 1];
    found[object] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
  }
  return found;
}

function checkAlike(target: Scene, source: Scene): void {
  for (const { image, instances, boxes } of [target, source])
    if (instances.shape.join() !== image.shape.slice(1).join() || boxes.values.length !== 4 * boxes.labels.length)
      throw new ShapeError(
        "copyPaste",
        `instances [${instances.shape.join(", ")}] and an image [${image.shape.join(", ")}]`,
        "give scenes of one size",
      );
  const alike = target.image.values.constructor === source.image.values.constructor;
  if (target.image.shape.join() !== source.image.shape.join() || !alike)
    throw new ShapeError(
      "copyPaste",
      `scenes of [${target.image.shape.join(", ")}] and [${source.image.shape.join(", ")}]`,
      "bring both to one size, channels and type first",
    );
}

/**
 * The target with the chosen objects of the source on it. Objects that are partly covered get the box of what is left, those wholly covered go; the others
 * keep their boxes, then come the pasted ones.
 * @throws ShapeError for scenes of different sizes, channels or types
 */
export function copyPaste(target: Scene, source: Scene, { chosen }: CopyPasteParameters): Scene {
  checkAlike(target, source);
  const [channels, height, width] = target.image.shape;
  const size = height * width;
  const [before, pasted] = [target.boxes.labels.length, new Map(chosen.map((object, index) => [object + 1, index]))];
  const values = emptyLike(target.image.values, channels * size);
  values.set(target.image.values);
  const instances = target.instances.values.slice();
  const covered = new Set<number>();
  for (let i = 0; i < size; i++) {
    const index = pasted.get(source.instances.values[i] ?? 0);
    if (index === undefined) continue;
    covered.add((instances[i] ?? 0) - 1);
    instances[i] = before + index + 1;
    for (let channel = 0; channel < channels; channel++)
      values[channel * size + i] = source.image.values[channel * size + i] ?? 0;
  }
  const all: Mask<Int32Array> = { kind: "mask", values: instances, shape: [height, width] };
  const found = extents(all, before + chosen.length);
  const labels = [...target.boxes.labels, ...chosen.map((object) => source.boxes.labels[object] ?? 0)];
  const kept = found.flatMap((extent, object) => {
    if (object < before && !covered.has(object))
      return [{ object, box: [...target.boxes.values.subarray(4 * object, 4 * object + 4)] }];
    return extent ? [{ object, box: extent }] : [];
  });
  const renumbered = new Map(kept.map(({ object }, index) => [object + 1, index + 1]));
  return {
    image: { kind: "image", values, shape: target.image.shape },
    instances: { ...all, values: instances.map((object) => renumbered.get(object) ?? 0) },
    boxes: {
      kind: "boxes",
      values: Float32Array.from(kept.flatMap(({ box }) => box)),
      labels: Int32Array.from(kept, ({ object }) => labels[object] ?? 0),
    },
  };
}
