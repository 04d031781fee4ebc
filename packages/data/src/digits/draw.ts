// One digit, drawn: a skeleton, distorted as handwriting is, with a pen of some width, as 28x28 bytes.
import { boundedInteger, fillNormal, fillUniform, type RandomKey, splitKey } from "@stria/core";
import { glyphs, type Stroke } from "./glyphs.ts";

export const side = 28;

// How many numbers of its streams a sample may take. They are fixed, so that sample i depends on nothing but the key and i.
const uniformsPerSample = 32;
const normalsPerSample = 96;
const spanPieces = 5;

/** The streams of one set of digits. */
export interface DigitStreams {
  readonly labels: RandomKey;
  readonly uniforms: RandomKey;
  readonly normals: RandomKey;
}

export function digitStreams(key: RandomKey): DigitStreams {
  return { labels: splitKey(key, "label"), uniforms: splitKey(key, "uniform"), normals: splitKey(key, "normal") };
}

/** The digit of sample `index`, each as likely. */
export function digitLabel(streams: DigitStreams, index: number): number {
  return boundedInteger(streams.labels, index, glyphs.length);
}

/** The points of a stroke, close enough together to be joined by straight lines; x and y in turn. */
function trace({ kind, points }: Stroke, shaken: readonly number[]): number[] {
  if (kind === "line") return [...shaken];
  const traced: number[] = [];
  const last = points.length / 2 - 1;
  const coordinate = (point: number, axis: number): number =>
    shaken[2 * Math.min(last, Math.max(0, point)) + axis] ?? 0;
  for (let span = 0; span < last; span++)
    for (let piece = span === 0 ? 0 : 1; piece <= spanPieces; piece++) {
      const t = piece / spanPieces;
      for (const axis of [0, 1]) {
        // Catmull and Rom's cubic through the four points around the span.
        const [a, b, c, d] = [
          coordinate(span - 1, axis),
          coordinate(span, axis),
          coordinate(span + 1, axis),
          coordinate(span + 2, axis),
        ];
        traced.push(b + (t / 2) * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))));
      }
    }
  return traced;
}

type Warp = (x: number, y: number) => readonly [x: number, y: number];

/** From the glyph's box to pixels: size, slant, turn, place, and a slow wave in each direction. */
function warpOf(next: () => number): Warp {
  const between = (low: number, high: number): number => low + (high - low) * next();
  const height = between(15, 21.5);
  const width = height * between(0.62, 1.02);
  const slant = between(-0.2, 0.45);
  const turn = between(-0.22, 0.22);
  const [sin, cos] = [Math.sin(turn), Math.cos(turn)];
  const middleX = side / 2 + between(-2, 2);
  const middleY = side / 2 + between(-2, 2);
  const wave = (): ((along: number, across: number) => number) => {
    const size = between(0, 1.3);
    const phase = between(0, 2 * Math.PI);
    const [alongRate, acrossRate] = [between(0.12, 0.35), between(-0.15, 0.15)];
    return (along, across) => size * Math.sin(phase + alongRate * along + acrossRate * across);
  };
  const [waveX, waveY] = [wave(), wave()];
  return (x, y) => {
    const v = (y - 0.5) * height;
    const u = (x - 0.5) * width - slant * v;
    const [turnedX, turnedY] = [cos * u - sin * v, sin * u + cos * v];
    return [middleX + turnedX + waveX(turnedY, turnedX), middleY + turnedY + waveY(turnedX, turnedY)];
  };
}

/** Lowers `distances` (squared, of pixel centres) to the segment's, within `reach` of it. */
function addSegment(distances: Float32Array, x0: number, y0: number, x1: number, y1: number, reach: number): void {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const scale = 1 / Math.max(dx * dx + dy * dy, 1e-9);
  const left = Math.max(0, Math.ceil(Math.min(x0, x1) - reach));
  const right = Math.min(side - 1, Math.floor(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.ceil(Math.min(y0, y1) - reach));
  const bottom = Math.min(side - 1, Math.floor(Math.max(y0, y1) + reach));
  for (let row = top; row <= bottom; row++)
    for (let column = left; column <= right; column++) {
      const t = Math.min(1, Math.max(0, ((column - x0) * dx + (row - y0) * dy) * scale));
      const [offX, offY] = [column - x0 - t * dx, row - y0 - t * dy];
      const distance = offX * offX + offY * offY;
      const place = row * side + column;
      if (distance < (distances[place] ?? 0)) distances[place] = distance;
    }
}

const uniforms = new Float32Array(uniformsPerSample);
const normals = new Float32Array(normalsPerSample);
const distances = new Float32Array(side * side);

/** Draws sample `index` into `pixels`, 28x28 bytes from 0 (paper) to 255 (ink). */
export function drawDigit(streams: DigitStreams, index: number, pixels: Uint8Array): void {
  fillUniform(streams.uniforms, index * uniformsPerSample, uniforms);
  fillNormal(streams.normals, index * normalsPerSample, normals);
  let usedUniforms = 0;
  let usedNormals = 0;
  const next = (): number => uniforms[usedUniforms++] ?? 0;

  const ways = glyphs[digitLabel(streams, index)] ?? [];
  const glyph = ways[Math.floor(next() * ways.length)] ?? [];
  const warp = warpOf(next);
  const shake = 0.02 + 0.03 * next();
  const radius = 0.7 + 1.1 * next() ** 1.5;
  const ink = 255 * (0.8 + 0.2 * next());
  const reach = radius + 0.75;

  distances.fill(Infinity);
  for (const stroke of glyph) {
    const points = trace(
      stroke,
      stroke.points.map((value) => value + shake * (normals[usedNormals++] ?? 0)),
    );
    let [x0, y0] = warp(points[0] ?? 0, points[1] ?? 0);
    for (let at = 2; at < points.length; at += 2) {
      const [x1, y1] = warp(points[at] ?? 0, points[at + 1] ?? 0);
      addSegment(distances, x0, y0, x1, y1, reach);
      [x0, y0] = [x1, y1];
    }
  }
  // The pen's edge is a pixel and a half wide, as a scanner would see it.
  for (let place = 0; place < pixels.length; place++)
    pixels[place] = ink * Math.min(1, Math.max(0, (reach - Math.sqrt(distances[place] ?? Infinity)) / 1.5));
}
