// What can compute a convolution over pixels, and which of it does: by a rule of shapes, by force, or as measured.
import { sizeOf } from "@stria/core";
import { f2x3, f4x3, type WinogradMatrices } from "../../kernels/channels-last/winograd-matrices.ts";
import type { ConvolutionGeometry } from "../convolution.ts";
import { depthwiseSuits } from "./depthwise.ts";
import { isWinogradShape, type WinogradPass } from "./winograd-cost.ts";
import { winogradSuits, winogradTiles } from "./winograd.ts";

export type Pass = WinogradPass;

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

export function matricesOf(algorithm: Algorithm): WinogradMatrices {
  return algorithm === "winograd-2x2" ? f2x3 : f4x3;
}

/** Everything that computes a pass rightly; of forced algorithms that one alone, where it can. */
export function algorithmsFor(
  g: ConvolutionGeometry,
  pass: Pass,
  { algorithms, isLoaded = false }: Pick<Circumstances, "algorithms" | "isLoaded">,
): Algorithm[] {
  const winograd: Algorithm[] = pass === "weight gradient" ? ["winograd-4x4"] : ["winograd-2x2", "winograd-4x4"];
  const all: Algorithm[] = [
    "indirect",
    ...(isLoaded ? [] : (["packed"] as const)),
    ...(depthwiseSuits(g) ? (["depthwise"] as const) : []),
    ...(algorithms !== "direct" && isWinogradShape(g) ? winograd : []),
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
  if (depthwiseSuits(g)) return "depthwise";
  const suits = !direct && winogradSuits(g, pass);
  if (pass === "weight gradient" && g.groups === 1) {
    const kind = sizeOf(g.kernel) === 1 ? "pointwise" : suits ? "winograd" : "wide";
    if (g.batch * sizeOf(g.places) <= fewPixels[kind]) return "packed";
  }
  if (!suits) return "indirect";
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
  return { pass, algorithm, by, others: possible.filter((other) => other !== algorithm) };
}
