// The recipes in Jimp, the most used image library in pure JavaScript. Its brightness, contrast, saturation and hue are not quite those of torchvision, but as much work.
import { Jimp, ResizeStrategy } from "jimp";
import { normalised } from "./normalised.ts";
import type { Drawn, Recipe } from "./recipes.ts";

type Picture = InstanceType<typeof Jimp>;

/** A picture of red, green, blue and alpha, from planes. */
export function jimpPicture(bytes: Uint8Array, { height, width }: Recipe): Picture {
  const size = height * width;
  const picture = new Jimp({ width, height, color: 0x000000ff });
  for (let channel = 0; channel < 3; channel++)
    for (let i = 0; i < size; i++) picture.bitmap.data[4 * i + channel] = bytes[channel * size + i] ?? 0;
  return picture;
}

/** The window of the picture, which Jimp would crop in place; what is outside of it is black. */
function windowOf(source: Picture, { window: { left, top, width, height } }: Drawn): Picture {
  const isInside = left >= 0 && top >= 0 && left + width <= source.width && top + height <= source.height;
  const picture = isInside ? source.clone() : new Jimp({ width, height, color: 0x000000ff });
  if (isInside) picture.crop({ x: left, y: top, w: width, h: height });
  else picture.composite(source, -left, -top);
  return picture;
}

/** A recipe with what was drawn. */
export function withJimp(source: Picture, recipe: Recipe, drawn: Drawn): Float32Array {
  const picture = windowOf(source, drawn);
  const { height, width } = recipe.made;
  if (picture.width !== width || picture.height !== height)
    picture.resize({ w: width, h: height, mode: ResizeStrategy.BILINEAR });
  if (drawn.flip) picture.flip({ horizontal: true, vertical: false });
  for (const [name, value] of drawn.jitter)
    if (name === "brightness") picture.brightness(value);
    else if (name === "contrast") picture.contrast((value - 1) / (value + 1));
    else if (name === "saturation")
      picture.color([{ apply: value < 1 ? "desaturate" : "saturate", params: [100 * Math.abs(value - 1)] }]);
    else picture.color([{ apply: "spin", params: [360 * value] }]);
  return normalised(picture.bitmap.data, 4, recipe);
}
