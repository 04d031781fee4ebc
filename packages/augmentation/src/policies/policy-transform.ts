// Operations one after the other, as the transforms of automatic augmentation draw them.
import { AttributeError } from "@stria/core";
import type { ItemRandom } from "@stria/data";
import { type WarpOptions, warpRules } from "../geometry/warp-rules.ts";
import type { Canvas } from "../parts.ts";
import type { Rules, Transform } from "../transform.ts";
import { type PolicyKind, isSigned, magnitudesOf } from "./magnitudes.ts";
import { type Operation, type OperationName, applyOperation, operationWarp } from "./operations.ts";

/** The operations that were drawn, in order. */
export type Operations = readonly Operation[];

export type PolicyOptions = WarpOptions;

/** One of a list, each as likely. */
export function oneOfList<T>(random: ItemRandom, list: readonly T[]): T {
  const found = list[random.integer(list.length)];
  if (found === undefined)
    throw new AttributeError("draw", "there is nothing to draw from", "pass a list that is not empty");
  return found;
}

/** The operation at a step of its scale, its sign by a coin where it has one. */
export function drawnOperation(
  random: ItemRandom,
  kind: PolicyKind,
  name: OperationName,
  bin: number,
  bins: number,
  canvas: Canvas,
): Operation {
  const magnitude = magnitudesOf(kind, name, bins, canvas)?.[bin] ?? 0;
  return { name, magnitude: isSigned(name) && random.chance(0.5) ? -magnitude : magnitude };
}

/** A transform that applies operations: those that move pixels also move masks, boxes and key points. */
export function operationsTransform(
  name: string,
  draw: (random: ItemRandom, canvas: Canvas) => Operations,
  options: PolicyOptions,
): Transform<Operations> {
  const warped = { interpolation: "nearest", ...options } as const;
  const one = warpRules(name, (operation: Operation, canvas) => operationWarp(operation, canvas), warped);
  const rules: Rules<Operations> = {
    image: (part, operations) => operations.reduce((made, operation) => applyOperation(made, operation, warped), part),
    mask: (part, operations, canvas) => operations.reduce((made, operation) => one.mask(made, operation, canvas), part),
    boxes: (part, operations, canvas) =>
      operations.reduce((made, operation) => one.boxes(made, operation, canvas), part),
    keypoints: (part, operations, canvas) =>
      operations.reduce((made, operation) => one.keypoints(made, operation, canvas), part),
  };
  return { name, draw, sizeAfter: (canvas) => canvas, rules };
}
