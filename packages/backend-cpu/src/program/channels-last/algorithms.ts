// What can compute a convolution over pixels, and which of it does: by a rule of shapes, by force, or as measured.
import { sizeOf } from "@stria/core";
import { depthwise, winograd } from "../../parts/index.ts";
import type { Pieces } from "../../pieces.ts";
import type { ConvolutionGeometry } from "../convolution.ts";

export type Pass = "forward" | "input gradient" | "weight gradient";

/**
 * "indirect": a matrix product that reads pixels where they lie, through pointers. "packed": a matrix product whose patches are gathered while they are
 * packed. "depthwise": channel by channel. Winograd's go by the places of a tile; the gradient by the weight has F(3x3, 4x4) alone.
 */
export type Algorithm = "indirect" | "packed" | "depthwise" | "winograd-2x2" | "winograd-4x4";

/**
 * Which algorithms may be used: all; with "direct" those alone that multiply what the definition multiplies (Winograd's round more); or one that is used
 * wherever it can compute, and the rule's elsewhere.
 */
export type Algorithms = "all" | "direct" | Algorithm;

export const algorithmNames: readonly Algorithm[] = ["indirect", "packed", "depthwise", "winograd-2x2", "winograd-4x4"];

/** An algorithm that was chosen for a pass of a convolution. */
export interface Choice {
  readonly geometry: ConvolutionGeometry;
  readonly pass: Pass;
  readonly algorithm: Algorithm;
  /** A fixed rule of shapes, what the user asked for, or a measurement. */
  readonly by: "rule" | "force" | "measurement";
  /** What else could compute it. */
  readonly others: readonly Algorithm[];
}

/** What a choice depends on beside the shape. */
export interface Circumstances {
  readonly algorithms: Algorithms;
  /** Whether weights that are packed or transformed stay for the next run. */
  readonly keepsWeights: boolean;
  /** Whether its stores take in more than a bias and a rectifier. Default false. */
  readonly isLoaded?: boolean;
}

/** Answers of measurements, where there are any. */
export type Measured = (g: ConvolutionGeometry, pass: Pass, circumstances: Circumstances) => Algorithm | undefined;

/** With more outputs for each channel the general algorithm has whole vectors of them. */
const mostMultiplier = 4;

/** Whether there are as many groups as channels, more than one, and few outputs for each. */
export function isDepthwiseShape({ groups, channels, outputs }: ConvolutionGeometry): boolean {
  return groups === channels && channels > 1 && outputs <= mostMultiplier * channels;
}

/** Whether Winograd's algorithm can compute a convolution at all. */
export function isWinogradShape(g: ConvolutionGeometry): boolean {
  const all = (values: readonly number[], wanted: number): boolean => values.every((value) => value === wanted);
  const empty = [g.batch, g.channels, g.outputs, ...g.input, ...g.places].includes(0);
  return !empty && g.input.length === 2 && g.groups === 1 && all(g.kernel, 3) && all(g.stride, 1) && all(g.dilation, 1);
}

/** Loads what has to be known of algorithms before one is chosen. */
export function* loadForChoice(g: ConvolutionGeometry, algorithms: Algorithms): Pieces<void> {
  if (isDepthwiseShape(g)) yield* depthwise.wait();
  if (algorithms !== "direct" && isWinogradShape(g)) yield* winograd.wait();
}

function suitsDepthwise(g: ConvolutionGeometry): boolean {
  return isDepthwiseShape(g) && depthwise.module.depthwiseSuits(g);
}

/** Everything that computes a pass rightly; of forced algorithms that one alone, where it can. */
export function algorithmsFor(
  g: ConvolutionGeometry,
  pass: Pass,
  { algorithms, isLoaded = false }: Pick<Circumstances, "algorithms" | "isLoaded">,
): Algorithm[] {
  const minimal: Algorithm[] = pass === "weight gradient" ? ["winograd-4x4"] : ["winograd-2x2", "winograd-4x4"];
  const all: Algorithm[] = [
    "indirect",
    ...(isLoaded ? [] : (["packed"] as const)),
    ...(suitsDepthwise(g) ? (["depthwise"] as const) : []),
    ...(algorithms !== "direct" && isWinogradShape(g) ? minimal : []),
  ];
  const forced = all.filter((algorithm) => algorithm === algorithms);
  return forced.length > 0 ? forced : all;
}

/**
 * The gradient by the weight sums over pixels. Of so few, at most, it is faster to pack them for a matrix product than to walk over them in blocks: 1.2 to 3
 * times for kernels of one element, 1.3 to 1.8 for larger ones (measured on Zen 5, Node 24; `cpu({ tune: true })` has the figures of your machine).
 */
const fewPixels = { pointwise: 200, wide: 100, winograd: 50 };

/** A fixed rule of shapes. */
function ruleFor(g: ConvolutionGeometry, pass: Pass, direct: boolean): Algorithm {
  if (suitsDepthwise(g)) return "depthwise";
  const suits = !direct && isWinogradShape(g) && winograd.module.winogradSuits(g, pass);
  if (pass === "weight gradient" && g.groups === 1) {
    const kind = sizeOf(g.kernel) === 1 ? "pointwise" : suits ? "winograd" : "wide";
    if (g.batch * sizeOf(g.places) <= fewPixels[kind]) return "packed";
  }
  if (!suits) return "indirect";
  const { winogradTiles, f2x3 } = winograd.module;
  return winogradTiles(g, pass) === f2x3 ? "winograd-2x2" : "winograd-4x4";
}

export function chooseAlgorithm(
  g: ConvolutionGeometry,
  pass: Pass,
  circumstances: Circumstances,
  measured?: Measured,
): Choice {
  const { algorithms } = circumstances;
  const possible = algorithmsFor(g, pass, circumstances);
  const forced = possible.find((one) => one === algorithms);
  const found = measured?.(g, pass, circumstances);
  const [algorithm, by]: readonly [Algorithm, Choice["by"]] =
    forced !== undefined
      ? [forced, "force"]
      : found !== undefined && possible.includes(found)
        ? [found, "measurement"]
        : [ruleFor(g, pass, algorithms === "direct"), "rule"];
  return { geometry: g, pass, algorithm, by, others: possible.filter((other) => other !== algorithm) };
}
