// Parts of a sample as the page shows them.
import type { Image, PartsByName } from "@stria/augmentation";
import type { Shown } from "../messages.ts";

/** The least and the largest of values. */
function rangeOf(values: Float32Array): readonly [least: number, largest: number] {
  let [least, largest] = [Infinity, -Infinity];
  for (const value of values) [least, largest] = [Math.min(least, value), Math.max(largest, value)];
  return [least, largest];
}

/** Bytes of red, green, blue and alpha; floats are stretched from black to white. */
function pixelsOf({ values, shape: [channels, height, width] }: Image): Pick<Shown, "pixels" | "stretched"> {
  const size = height * width;
  const pixels = new Uint8ClampedArray(4 * size);
  const stretched = values instanceof Float32Array ? rangeOf(values) : undefined;
  const [least, largest] = stretched ?? [0, 255];
  const scale = largest > least ? 255 / (largest - least) : 1;
  for (let pixel = 0; pixel < size; pixel++) {
    for (let colour = 0; colour < 3; colour++) {
      const value = values[(channels === 1 ? 0 : colour) * size + pixel] ?? 0;
      pixels[4 * pixel + colour] = stretched ? (value - least) * scale : value;
    }
    pixels[4 * pixel + 3] = 255;
  }
  return { pixels, ...(stretched && { stretched }) };
}

/** A sample's parts, by the names of their kinds. */
export function shownOf({ image, mask, boxes, keypoints }: PartsByName): Shown | undefined {
  if (image?.kind !== "image") return undefined;
  const [, height, width] = image.shape;
  return {
    width,
    height,
    ...pixelsOf(image),
    ...(mask?.kind === "mask" && { mask: Uint8Array.from(mask.values) }),
    ...(boxes?.kind === "boxes" && { boxes: boxes.values.slice(), labels: boxes.labels.slice() }),
    ...(keypoints?.kind === "keypoints" && { points: keypoints.values.slice() }),
  };
}

/** What is handed over rather than copied. */
export function transfersOf({ pixels, mask, boxes, labels, points }: Shown): Transferable[] {
  return [pixels, mask, boxes, labels, points].flatMap((values) =>
    values?.buffer instanceof ArrayBuffer ? [values.buffer] : [],
  );
}
