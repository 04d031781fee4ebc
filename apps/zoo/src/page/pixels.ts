// Values as pixels: 0 is paper, and the farther from it, the nearer to the colour of its sign.
import { type Rgb, rgb } from "../../../page/theme.ts";

export interface Palette {
  readonly negative: Rgb;
  readonly zero: Rgb;
  readonly positive: Rgb;
}

/** The colours of signed values, as the page now is. */
export function signedPalette(): Palette {
  return { negative: rgb("--negative"), zero: rgb("--zero"), positive: rgb("--positive") };
}

/** An image of values, of which `largest` and -`largest` have the full colours. What is no number is left out. */
export function imageOf(
  values: ArrayLike<number>,
  width: number,
  height: number,
  largest: number,
  { negative, zero, positive }: Palette,
): ImageData {
  const { data } = new ImageData(width, height);
  const scale = largest > 0 ? 1 / largest : 0;
  for (let place = 0; place < width * height; place++) {
    const value = (values[place] ?? 0) * scale;
    const towards = value < 0 ? negative : positive;
    const share = Math.min(1, Math.abs(value));
    for (let colour = 0; colour < 3; colour++) {
      const from = zero[colour] ?? 0;
      data[4 * place + colour] = from + ((towards[colour] ?? 0) - from) * share;
    }
    data[4 * place + 3] = Number.isNaN(value) ? 0 : 255;
  }
  return new ImageData(data, width, height);
}
