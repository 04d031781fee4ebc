// Receptive fields on paper: what a stack of windows sees, before there is a model. Of a model, `summary` tells it.
import { AttributeError } from "@stria/core";
import type { ReceptiveField } from "./view.ts";

/** A convolution or pooling along one axis. */
export interface AxisWindow {
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /** Distance between the kernel's elements. Default 1. */
  readonly dilation?: number;
  /** Elements added before the first. Default 0. */
  readonly padding?: number;
}

function check(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least)
    throw new AttributeError("receptiveField", `${name} is ${value}`, `use a whole number >= ${least}`);
}

/**
 * What a unit sees along one axis of the input after these windows, one after the other: each adds dilation (kernel - 1) steps of what is between two of its
 * inputs, so that L layers of K see 1 + L (K - 1).
 * @throws AttributeError.
 * @example receptiveField([{ kernel: 3 }, { kernel: 3 }]).field; // 5
 */
export function receptiveField(windows: readonly AxisWindow[]): ReceptiveField {
  let [field, jump, start] = [1, 1, 0];
  for (const { kernel, stride = 1, dilation = 1, padding = 0 } of windows) {
    check("kernel", kernel, 1);
    check("stride", stride, 1);
    check("dilation", dilation, 1);
    check("padding", padding, 0);
    field += dilation * (kernel - 1) * jump;
    start -= padding * jump;
    jump *= stride;
  }
  return { field, jump, start };
}
