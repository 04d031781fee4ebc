// Distances and angles between vectors, and losses made of them.
import {
  type Tensor,
  add,
  at,
  div,
  equal,
  iota,
  matmul,
  maximum,
  minimum,
  mul,
  softmaxCrossEntropy,
  sub,
  sum,
  where,
} from "@stria/core";
import { axisFromZero } from "../axes.ts";
import { atLeast } from "../clamp.ts";
import { normalize, vectorNorm } from "../norms/vector-norm.ts";
import type { MarginOptions } from "./margin.ts";
import { type LossOptions, checkSameShape, reduce } from "./reduction.ts";

export interface CosineSimilarityOptions {
  /** Default 1. */
  readonly axis?: number;
  /** The least that a length counts as. Default 1e-8. */
  readonly epsilon?: number;
}

/** The cosine of the angle between vectors along an axis. @throws AttributeError where there is no such axis. */
export function cosineSimilarity(
  a: Tensor,
  b: Tensor,
  { axis = 1, epsilon = 1e-8 }: CosineSimilarityOptions = {},
): Tensor {
  const along = axisFromZero("cosineSimilarity", axis, Math.max(a.rank, b.rank));
  const length = (x: Tensor): Tensor => maximum(vectorNorm(x, 2, along), epsilon);
  return div(sum(mul(a, b), along), mul(length(a), length(b)));
}

export interface DistanceOptions {
  /** 2: Euclidean. Default 2. */
  readonly order?: number;
  /** Added to every difference, so that there is a gradient at 0. Default 1e-6. */
  readonly epsilon?: number;
}

/** (sum of |a - b + epsilon|^order)^(1 / order) along the last axis. */
export function pairwiseDistance(a: Tensor, b: Tensor, { order = 2, epsilon = 1e-6 }: DistanceOptions = {}): Tensor {
  const difference = add(sub(a, b), epsilon);
  return vectorNorm(difference, order, difference.rank - 1);
}

/**
 * 1 - cos where the target is 1, max(0, cos - margin) where it is -1, for the angle between a and b [N, features] (or [features]) and targets [N].
 * `margin` is 0 by default. @throws ShapeError.
 */
export function cosineEmbeddingLoss(
  a: Tensor,
  b: Tensor,
  target: Tensor,
  { margin = 0, reduction = "mean" }: MarginOptions = {},
): Tensor {
  checkSameShape("cosineEmbeddingLoss", a.shape, b.shape);
  checkSameShape("cosineEmbeddingLoss", a.shape.slice(0, -1), target.shape);
  const similarity = cosineSimilarity(a, b, { axis: -1, epsilon: 1e-12 });
  return reduce(where(equal(target, 1), sub(1, similarity), atLeast(sub(similarity, margin), 0)), reduction);
}

export interface TripletOptions extends MarginOptions, DistanceOptions {
  /** Take the negative's distance from the positive, where that is smaller (Balntas et al. 2016). Default false. */
  readonly swap?: boolean;
}

/** max(0, |anchor - positive| - |anchor - negative| + margin), vectors along the last axis (Schroff, Kalenichenko & Philbin 2015). @throws ShapeError. */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  { margin = 1, swap = false, reduction = "mean", ...distance }: TripletOptions = {},
): Tensor {
  checkSameShape("tripletMarginLoss", anchor.shape, positive.shape);
  checkSameShape("tripletMarginLoss", anchor.shape, negative.shape);
  const near = pairwiseDistance(anchor, positive, distance);
  const far = pairwiseDistance(anchor, negative, distance);
  const farther = swap ? minimum(far, pairwiseDistance(positive, negative, distance)) : far;
  return reduce(atLeast(add(sub(near, farther), margin), 0), reduction);
}

export interface InfoNceOptions extends LossOptions {
  /** Divides the cosines. Default 0.1. */
  readonly temperature?: number;
}

/**
 * The cross-entropy of finding row i of b [N, features] by row i of a among all rows, by their cosines over the temperature (van den Oord, Li &
 * Vinyals 2018). @throws ShapeError.
 */
export function infoNceLoss(
  a: Tensor,
  b: Tensor,
  { temperature = 0.1, reduction = "mean" }: InfoNceOptions = {},
): Tensor {
  checkSameShape("infoNceLoss", a.shape, b.shape);
  const similarities = div(matmul(normalize(a), normalize(b), { transposeB: true }), temperature);
  return reduce(softmaxCrossEntropy(similarities, iota([at(a.shape, 0)], 0)), reduction);
}
