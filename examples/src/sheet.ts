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

/** Words in a colour of their own. */
export interface Span {
  readonly text: string;
  readonly colour: string;
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
const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0);
const short = (value: number): string => String(Number(value.toPrecision(3)));

const [against, neither, inFavour] = [
  [33, 102, 172],
  [187, 187, 187],
  [202, 0, 32],
] as const;

/** The colour of a number from -1, blue, over grey to 1, red; what lies beyond is as these. */
export function between(value: number): string {
  const share = Math.min(Math.abs(value), 1) || 0;
  const end = value < 0 ? against : inFavour;
  return `rgb(${neither.map((grey, channel) => Math.round(grey + share * ((end[channel] ?? grey) - grey))).join(" ")})`;
}

const glow = [
  [10, 8, 40],
  [120, 28, 109],
  [237, 105, 37],
  [252, 255, 190],
] as const;

/** Numbers from 0, dark, to 1, bright, row by row, as a picture; what lies beyond is as these. */
export function heat(values: ArrayLike<number>, height: number, width: number): Picture {
  const pixels = new Uint8Array(3 * height * width);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const warmth = 3 * Math.min(Math.max(values[pixel] ?? 0, 0), 1);
    const step = Math.min(Math.floor(warmth), 2);
    for (let channel = 0; channel < 3; channel++) {
      const [low = 0, high = 0] = [glow[step]?.[channel], glow[step + 1]?.[channel]];
      pixels[channel * height * width + pixel] = low + (warmth - step) * (high - low);
    }
  }
  return { pixels, shape: [3, height, width] };
}

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

  /** A line of words, each in its colour, with spaces between them. */
  sentence(spans: readonly Span[], x: number, y: number, size: number = 16): this {
    const parts = spans.map(({ text, colour }) => `<tspan fill="${colour}">${escaped(text)}</tspan>`);
    this.#elements.push(`<text x="${x}" y="${y}" font-size="${size}">${parts.join(" ")}</text>`);
    return this;
  }

  /** A line from point to point. */
  line(points: readonly (readonly [x: number, y: number])[], colour: string, lineWidth: number = 2): this {
    const path = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    this.#elements.push(
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${lineWidth}" stroke-linejoin="round" stroke-linecap="round"/>`,
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
        return [right, y + height - (height * (value - low)) / span] as const;
      });
      this.line(points, colour);
      const last = steps.at(-1);
      const value = last === undefined ? "" : ` ${short(last)}`;
      this.words(`${name}${value}`, x + 10 + index * 150, y + height + 18, { size: 13, colour });
    }
    return this;
  }

  /** How many of each class (row) were taken for each (column), with the names of the classes beside it. */
  confusion(counts: readonly (readonly number[])[], names: readonly string[], { x, y, width, height }: Box): this {
    const [right, down] = [width / counts.length, height / counts.length];
    const shares = counts.flatMap((row) => row.map((count) => count / Math.max(1, sum(row))));
    this.picture(heat(shares, counts.length, counts.length), { x, y, width, height });
    for (const [row, found] of counts.entries()) {
      const middle = y + (row + 0.5) * down + 4;
      this.words(names[row] ?? "", x - 8, middle, { size: 12, anchor: "end" });
      this.words(names[row] ?? "", x + (row + 0.5) * right, y + height + 16, { size: 12, anchor: "middle" });
      for (const [column, count] of found.entries())
        if (count > 0) {
          const colour = count > sum(found) / 2 ? "#222" : "#eee";
          this.words(String(count), x + (column + 0.5) * right, middle, { size: 11, colour, anchor: "middle" });
        }
    }
    return this;
  }

  write(path: string): void {
    const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${this.#width} ${this.#height}" width="${this.#width}" height="${this.#height}" font-family="system-ui, sans-serif">`;
    const ground = `<rect width="100%" height="100%" fill="white"/>`;
    writeFileSync(path, `${[head, ground, ...this.#elements, "</svg>"].join("\n")}\n`);
  }
}
