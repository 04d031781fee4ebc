// A sheet of pictures, curves and words, written as one SVG file that any browser shows.
import { writeFileSync } from "node:fs";
import { encode } from "fast-png";

/** Rows of pixels, a plane for each channel: bytes, or floats from 0 to 1. One channel is grey, three are red, green and blue. */
export interface Picture {
  readonly pixels: Uint8Array | Float32Array;
  readonly shape: readonly [channels: number, height: number, width: number];
}

export interface Words {
  readonly size?: number;
  readonly colour?: string;
  readonly anchor?: "start" | "middle" | "end";
}

export interface Curve {
  readonly name: string;
  readonly values: readonly number[];
  readonly colour: string;
}

/** Where something stands, in pixels from the upper left corner of the sheet. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const place = ({ x, y, width, height }: Box): string => `x="${x}" y="${y}" width="${width}" height="${height}"`;
const short = (value: number): string => String(Number(value.toPrecision(3)));

/** The picture as a PNG file. */
function png({ pixels, shape }: Picture): Uint8Array {
  const [channels, height, width] = shape;
  const scale = pixels instanceof Float32Array ? 255 : 1;
  const data = new Uint8ClampedArray(channels * height * width);
  for (let channel = 0; channel < channels; channel++)
    for (let i = 0; i < height * width; i++)
      data[i * channels + channel] = scale * (pixels[channel * height * width + i] ?? 0);
  return encode({ width, height, channels, data });
}

/** An empty white sheet to draw on, element after element. */
export class Sheet {
  readonly #width: number;
  readonly #height: number;
  readonly #elements: string[] = [];

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
  }

  words(text: string, x: number, y: number, { size = 14, colour = "#222", anchor = "start" }: Words = {}): this {
    this.#elements.push(
      `<text x="${x}" y="${y}" font-size="${size}" fill="${colour}" text-anchor="${anchor}">${escaped(text)}</text>`,
    );
    return this;
  }

  /** Pixels are shown as squares, not smoothed. */
  picture(picture: Picture, box: Box): this {
    const url = `data:image/png;base64,${Buffer.from(png(picture)).toString("base64")}`;
    this.#elements.push(
      `<image ${place(box)} preserveAspectRatio="none" style="image-rendering:pixelated" href="${url}"/>`,
    );
    return this;
  }

  frame(box: Box, colour: string, lineWidth: number = 2): this {
    this.#elements.push(`<rect ${place(box)} fill="none" stroke="${colour}" stroke-width="${lineWidth}"/>`);
    return this;
  }

  /** Shares from 0 to 1 by name, a bar each, 36 pixels apart. */
  shares(title: string, shares: Readonly<Record<string, number>>, x: number, y: number, colour: string): this {
    const names = 200;
    this.words(title, x, y, { size: 16 });
    for (const [row, [name, share]] of Object.entries(shares).entries()) {
      const top = y + 18 + 36 * row;
      const box = { x: x + names, y: top, width: 220 * share, height: 24 };
      this.#elements.push(`<rect ${place(box)} fill="${colour}"/>`);
      this.words(name, x, top + 17).words(`${(100 * share).toFixed(1)} %`, x + names + 8 + 220 * share, top + 17);
    }
    return this;
  }

  /** Curves over the same numbered steps, on one scale, with their last values. */
  curves(title: string, curves: readonly Curve[], box: Box): this {
    const { x, y, width, height } = box;
    const values = curves.flatMap((curve) => curve.values).filter(Number.isFinite);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const span = high - low || 1;
    this.frame(box, "#ccc", 1).words(title, x, y - 8, { size: 15 });
    this.words(short(high), x - 6, y + 12, { size: 12, colour: "#777", anchor: "end" });
    this.words(short(low), x - 6, y + height, { size: 12, colour: "#777", anchor: "end" });
    for (const [index, { name, values: steps, colour }] of curves.entries()) {
      const points = steps.map((value, step) => {
        const right = x + (width * step) / Math.max(steps.length - 1, 1);
        return `${right.toFixed(1)},${(y + height - (height * (value - low)) / span).toFixed(1)}`;
      });
      this.#elements.push(
        `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round"/>`,
      );
      const last = steps.at(-1);
      const value = last === undefined ? "" : ` ${short(last)}`;
      this.words(`${name}${value}`, x + 10 + index * 150, y + height + 18, { size: 13, colour });
    }
    return this;
  }

  write(path: string): void {
    const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${this.#width} ${this.#height}" width="${this.#width}" height="${this.#height}" font-family="system-ui, sans-serif">`;
    const ground = `<rect width="100%" height="100%" fill="white"/>`;
    writeFileSync(path, `${[head, ground, ...this.#elements, "</svg>"].join("\n")}\n`);
  }
}
