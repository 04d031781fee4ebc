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

/** Ink on paper. */
function inkPalette(): Palette {
  return { negative: rgb("--ink"), zero: rgb("--sunken"), positive: rgb("--ink") };
}

const mixed = (from: number, to: number, share: number): number => Math.round(from + (to - from) * share);

/** An image of values from -1 to 1. */
export function imageOf(values: ArrayLike<number>, width: number, height: number, palette: Palette): ImageData {
  const { negative, zero, positive } = palette;
  const { data } = new ImageData(width, height);
  for (let place = 0; place < width * height; place++) {
    const value = Math.max(-1, Math.min(1, values[place] ?? 0));
    const towards = value < 0 ? negative : positive;
    const share = Math.abs(value);
    data[4 * place] = mixed(zero[0], towards[0], share);
    data[4 * place + 1] = mixed(zero[1], towards[1], share);
    data[4 * place + 2] = mixed(zero[2], towards[2], share);
    data[4 * place + 3] = 255;
  }
  return new ImageData(data, width, height);
}

/** A digit of bytes, 0 paper and 255 ink. */
export function digitImage(pixels: Uint8Array, side: number): ImageData {
  return imageOf(
    Float32Array.from(pixels, (ink) => ink / 255),
    side,
    side,
    inkPalette(),
  );
}
