// What is made of several draws: mixup, CutMix and mosaics.
import { type Canvas, type Image, type PartsByName, cutmix, image, mixup, mosaic } from "@stria/augmentation";
import { itemRandom } from "@stria/data";

export const mixNames = ["none", "mixup", "cutmix", "mosaic"] as const;
export type MixName = (typeof mixNames)[number];

/** How many draws become one, and what is said of it. */
export const mixes: Readonly<Record<MixName, { readonly draws: number; readonly does: string }>> = {
  none: { draws: 1, does: "Each draw by itself." },
  mixup: { draws: 2, does: "Two draws averaged with a random weight, and their labels alike. Zhang et al. 2018." },
  cutmix: { draws: 2, does: "A rectangle of another draw, and labels by area. Yun et al. 2019." },
  mosaic: { draws: 4, does: "Four draws around a point, with all their parts. Bochkovskiy et al. 2020." },
};

/** From a draw to the next that is mixed with it: more than the page shows at once. */
const stride = 12;

/** The draws that become the one of an index. */
export function drawsOf(name: MixName, index: number): readonly number[] {
  return Array.from({ length: mixes[name].draws }, (_, place) => index + stride * place);
}

export interface Mixed {
  readonly sample: PartsByName;
  readonly parameters: unknown;
}

/** Images of one size, one after the other. @throws RangeError, in words for the user, for images of several sizes */
function batchOf(name: MixName, samples: readonly PartsByName[]) {
  const images = samples.flatMap((sample): Image[] => (sample["image"]?.kind === "image" ? [sample["image"]] : []));
  const [first] = images;
  if (!first) throw new RangeError(`${name} is of images.`);
  const other = images.find(({ shape }) => shape.join() !== first.shape.join());
  if (other)
    throw new RangeError(
      `${name} wants draws of one size, and these are ${first.shape[2]} × ${first.shape[1]} and ${other.shape[2]} × ${other.shape[1]}: end with a transform that makes all of one size, such as randomResizedCrop.`,
    );
  const size = first.values.length;
  const isFloat = first.values instanceof Float32Array;
  const values = isFloat ? new Float32Array(size * images.length) : new Uint8Array(size * images.length);
  for (const [index, one] of images.entries()) values.set(one.values, index * size);
  return { values, size, shape: first.shape };
}

/** One of several draws: their images, and with a mosaic all of their parts. */
export function mixed(
  name: Exclude<MixName, "none">,
  samples: readonly PartsByName[],
  { seed, index, canvas }: { readonly seed: number; readonly index: number; readonly canvas: Canvas },
): Mixed {
  const random = itemRandom(seed, { epoch: 0, index });
  if (name === "mosaic") {
    const [first, second, third, fourth] = samples;
    if (!first || !second || !third || !fourth) throw new RangeError("A mosaic is of four draws.");
    const transform = mosaic([canvas.height, canvas.width]);
    const parameters = transform.draw(random);
    return { sample: transform.apply([first, second, third, fourth], parameters), parameters };
  }
  const { values, size, shape } = batchOf(name, samples);
  const [channels, height, width] = shape;
  const batch = { values, shape: [samples.length, channels, height, width] } as const;
  const made = (all: Uint8Array | Float32Array): PartsByName => ({ image: image(all.slice(0, size), shape) });
  if (name === "mixup") {
    const transform = mixup();
    const parameters = transform.draw(random, canvas);
    return { sample: made(transform.images(batch, parameters).values), parameters };
  }
  const transform = cutmix();
  const parameters = transform.draw(random, { height, width });
  return { sample: made(transform.images(batch, parameters).values), parameters };
}
