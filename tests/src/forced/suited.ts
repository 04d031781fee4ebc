// Convolutions that a given algorithm can compute, drawn at random: what random cases of all kinds would seldom meet.
import { at, conv, convTranspose, type Shape, type Tensor } from "@stria/core";
import { Random } from "../random-graphs/random.ts";
import type { ForcedAlgorithm } from "./ways.ts";

/** A function of an image and a weight. */
export interface Suited {
  readonly told: string;
  readonly f: (x: Tensor, weight: Tensor) => Tensor;
  readonly shapes: readonly [x: Shape, weight: Shape];
}

interface Geometry {
  readonly input: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
  readonly groups: number;
  /** In each group. */
  readonly channels: number;
  readonly outputs: number;
}

/** How large it may be: small where every element is moved on its own. */
export interface Size {
  readonly channels: number;
  readonly length: number;
}

function lengths(random: Random, kernel: readonly number[], dilation: readonly number[], { length }: Size): number[] {
  return kernel.map((size, axis) => (size - 1) * at(dilation, axis) + random.integer(1, length));
}

/** 3 x 3, stride 1. */
function square(random: Random, size: Size): Geometry {
  const [kernel, ones] = [
    [3, 3],
    [1, 1],
  ];
  const padding = kernel.map(() => [random.integer(0, 2), random.integer(0, 2)] as const);
  const input = kernel.map((_, axis) => Math.max(1, random.integer(3, 2 + size.length) - at(padding, axis)[0]));
  const room = input.map((length, axis) => Math.max(3, length + at(padding, axis)[0] + at(padding, axis)[1]));
  return {
    input: room.map((length, axis) => length - at(padding, axis)[0] - at(padding, axis)[1]),
    kernel,
    stride: ones,
    dilation: ones,
    padding,
    groups: 1,
    channels: random.integer(1, size.channels),
    outputs: random.integer(1, size.channels),
  };
}

/** Any number of axes, any stride, dilation and padding. */
function free(random: Random, size: Size): Geometry {
  const axes = random.pick([1, 2, 2, 2, 3]);
  const some = (of: () => number): number[] => Array.from({ length: axes }, of);
  const kernel = some(() => random.integer(1, axes === 3 ? 3 : 5));
  const dilation = some(() => random.pick([1, 1, 2]));
  return {
    input: lengths(random, kernel, dilation, axes === 3 ? { ...size, length: Math.min(4, size.length) } : size),
    kernel,
    stride: some(() => random.pick([1, 1, 2, 3])),
    dilation,
    padding: kernel.map(() => [random.integer(0, 2), random.integer(0, 2)]),
    groups: random.pick([1, 1, 2, 3]),
    channels: random.integer(1, size.channels),
    outputs: random.integer(1, size.channels),
  };
}

/** As many groups as channels, some outputs for each. */
function depthwise(random: Random, size: Size): Geometry {
  const kernel = random.pick([[3, 3], [3, 3], [5, 5], [2, 3], [1, 4], [7, 7], [3], [5]]);
  const [ones, twos] = [kernel.map(() => 1), kernel.map(() => 2)];
  const dilation = random.pick([ones, ones, ones, twos]);
  return {
    input: lengths(random, kernel, dilation, size),
    kernel,
    stride: random.pick([ones, ones, twos]),
    dilation,
    padding: kernel.map((length) => [random.integer(0, length - 1), random.integer(0, length - 1)]),
    groups: random.integer(2, Math.max(2, size.channels)),
    channels: 1,
    outputs: random.pick([1, 1, 1, 2, 3, 4]),
  };
}

const draws: Readonly<Record<ForcedAlgorithm, (random: Random, size: Size) => Geometry>> = {
  direct: free,
  indirect: free,
  packed: free,
  depthwise,
  "winograd-2x2": square,
  "winograd-4x4": square,
};

/** One of them; every other is transposed, where its gradient by the image is another one's forward pass. */
export function suited(algorithms: ForcedAlgorithm, seed: number, size: Size): Suited {
  const random = new Random(seed);
  const { input, kernel, groups, channels, outputs, ...rest } = draws[algorithms](random, size);
  const [batch, transposed] = [random.integer(1, 3), random.chance(0.3)];
  const { stride, dilation, padding } = rest;
  const options = { stride, dilation, padding, groups };
  const transposes = transposed && fitsTransposed(input, kernel, rest);
  return {
    told: `${transposes ? "transposed " : ""}${JSON.stringify({ batch, input, kernel, channels, outputs, ...options })}`,
    f: (x, weight) => (transposes ? convTranspose(x, weight, options) : conv(x, weight, options)),
    shapes: [
      [batch, groups * channels, ...input],
      transposes ? [groups * channels, outputs, ...kernel] : [groups * outputs, channels, ...kernel],
    ],
  };
}

/** Whether something is left where padding has been cut off. */
function fitsTransposed(
  input: readonly number[],
  kernel: readonly number[],
  { stride, dilation, padding }: Pick<Geometry, "stride" | "dilation" | "padding">,
): boolean {
  return input.every((length, axis) => {
    const whole = (length - 1) * at(stride, axis) + at(dilation, axis) * (at(kernel, axis) - 1) + 1;
    return whole > at(padding, axis)[0] + at(padding, axis)[1];
  });
}

/** Numbers for them, in [-1, 1). */
export function valuesFor({ shapes }: Suited, seed: number): Float32Array<ArrayBuffer>[] {
  const random = new Random(seed);
  return shapes.map((shape) =>
    Float32Array.from({ length: shape.reduce((product, length) => product * length, 1) }, () => random.between(-1, 1)),
  );
}
