// Windows over 1, 2 or 3 spatial axes, seen as over three: missing leading axes have length 1. One WGSL text then serves them all.
import { type Attrs, type Shape, sizeOf } from "@stria/core";
import { numbersOf, pairsOf } from "../attributes.ts";
import type { Field } from "./axes.ts";

export interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Padding before. What is after follows from the sizes. */
  readonly before: readonly number[];
}

/** Three numbers, the missing ones first. */
export function threeAxes(numbers: readonly number[], missing: number): number[] {
  return [...Array<number>(3 - numbers.length).fill(missing), ...numbers];
}

export function windowOf(attrs: Attrs, kernel: Shape): Window {
  return {
    kernel: threeAxes(kernel, 1),
    stride: threeAxes(numbersOf(attrs, "stride"), 1),
    dilation: threeAxes(numbersOf(attrs, "dilation"), 1),
    before: threeAxes(
      pairsOf(attrs, "padding").map(([before]) => before),
      0,
    ),
  };
}

/** The spatial axes of [N, C, ...], as three. */
export function planeOf(shape: Shape): number[] {
  return threeAxes(shape.slice(2), 1);
}

/** Uniforms of a window that lies over `wide`, the unpadded plane, and is counted by `narrow`, the plane of its positions. */
export const windowFields: readonly Field[] = [
  ["window", "vec3<i32>"],
  ["stride", "vec3<i32>"],
  ["dilation", "vec3<i32>"],
  ["before", "vec3<i32>"],
  ["wide", "vec3<i32>"],
  ["narrow", "vec3<i32>"],
  ["wide_size", "i32"],
  ["narrow_size", "i32"],
  ["window_size", "i32"],
];

export function windowValues(
  window: Window,
  wide: readonly number[],
  narrow: readonly number[],
): (readonly number[])[] {
  return [
    window.kernel,
    window.stride,
    window.dilation,
    window.before,
    wide,
    narrow,
    [sizeOf(wide)],
    [sizeOf(narrow)],
    [sizeOf(window.kernel)],
  ];
}

/** WGSL: a flat place of a plane of three axes as coordinates, and back. */
export const planeFunctions = `
  fn plane_coordinates(place : i32, plane : vec3<i32>) -> vec3<i32> {
    let row = place / plane.z;
    let sheet = row / plane.y;
    return vec3<i32>(sheet, row - sheet * plane.y, place - row * plane.z);
  }
  fn plane_index(at : vec3<i32>, plane : vec3<i32>) -> i32 {
    return (at.x * plane.y + at.y) * plane.z + at.z;
  }
  fn inside(at : vec3<i32>, plane : vec3<i32>) -> bool {
    return all(at >= vec3<i32>(0)) && all(at < plane);
  }`;
