// Pixels to draw on: pictures side by side, lines around boxes, points.
import type { Image } from "@stria/augmentation";
import { encodeImage } from "@stria/images";

export type Colour = readonly [red: number, green: number, blue: number];

/** A colour for each class, told apart by those who see no red, too (Okabe & Ito 2008). */
const classColours: readonly Colour[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
];

/** The colour of a class from 1 on. */
export function colourOf(label: number): Colour {
  return classColours[(Math.max(label, 1) - 1) % classColours.length] ?? [255, 255, 255];
}

export class Canvas {
  readonly height: number;
  readonly width: number;
  readonly #values: Uint8Array<ArrayBuffer>;

  constructor(height: number, width: number, background: Colour = [255, 255, 255]) {
    [this.height, this.width] = [height, width];
    this.#values = new Uint8Array(3 * height * width);
    for (const [channel, value] of background.entries())
      this.#values.fill(value, channel * height * width, (channel + 1) * height * width);
  }

  /** Colours a pixel, by a share from 0 to 1; outside of the canvas nothing happens. */
  dot(x: number, y: number, colour: Colour, share = 1): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    for (const [channel, value] of colour.entries()) {
      const at = (channel * this.height + y) * this.width + x;
      const before = this.#values[at] ?? 0;
      this.#values[at] = Math.round(before + (value - before) * share);
    }
  }

  /** A picture of grey or colours. */
  paste({ values, shape: [channels, height, width] }: Image<Uint8Array>, left: number, top: number): void {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const at = (channel: number): number => values[((channel % channels) * height + y) * width + x] ?? 0;
        this.dot(left + x, top + y, [at(0), at(1), at(2)]);
      }
  }

  /** The border of a box, one or more pixels wide, inside of it. */
  rectangle([left, top, right, bottom]: readonly number[], colour: Colour, thickness = 1): void {
    const [x0, y0, x1, y1] = [left ?? 0, top ?? 0, (right ?? 0) - 1, (bottom ?? 0) - 1].map(Math.round);
    if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined) return;
    for (let inset = 0; inset < thickness; inset++) {
      for (let x = x0; x <= x1; x++) for (const y of [y0 + inset, y1 - inset]) this.dot(x, y, colour);
      for (let y = y0; y <= y1; y++) for (const x of [x0 + inset, x1 - inset]) this.dot(x, y, colour);
    }
  }

  /** A round point with a rim. */
  point(x: number, y: number): void {
    for (let down = -2; down <= 2; down++)
      for (let across = -2; across <= 2; across++) {
        const far = across ** 2 + down ** 2;
        if (far > 5) continue;
        this.dot(Math.floor(x) + across, Math.floor(y) + down, far <= 1 ? [255, 255, 255] : [20, 20, 20]);
      }
  }

  jpeg(quality: number): Promise<Uint8Array> {
    const shape = [3, this.height, this.width] as const;
    return encodeImage({ data: this.#values, shape }, { format: "jpeg", quality });
  }
}
