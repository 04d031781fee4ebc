// WGSL for walking axes: uniforms that hold one number an axis, and a flat index taken apart into coordinates.
import type { UniformType } from "../program.ts";

export type Field = readonly [name: string, type: UniformType];

const unused = 0;

/** Uniform fields that hold `rank` numbers. */
export function axisFields(name: string, rank: number): Field[] {
  return Array.from({ length: Math.ceil(rank / 4) }, (_, group) => [`${name}_${group}`, "vec4<i32>"]);
}

/** The values of `axisFields`. */
export function axisValues(numbers: readonly number[]): number[][] {
  const groups: number[][] = [];
  for (let start = 0; start < numbers.length; start += 4)
    groups.push([0, 1, 2, 3].map((k) => numbers[start + k] ?? unused));
  return groups;
}

/** The WGSL that reads number `axis`. */
function axisRead(name: string, axis: number): string {
  return `uniforms.${name}_${axis >> 2}[${axis & 3}]`;
}

/** WGSL that declares coordinates `${coordinate}0`, `${coordinate}1`, ... of flat index `index` in the dims held by fields `dims`. */
export function takeApart(index: string, dims: string, coordinate: string, rank: number): string {
  if (rank === 1) return `let ${coordinate}0 = ${index};`;
  const lines = [`var ${coordinate}_rest = ${index};`];
  // The remainder from the quotient: integer division is the dearest instruction there is.
  for (let axis = rank - 1; axis > 0; axis--)
    lines.push(
      `let ${coordinate}_over${axis} = ${coordinate}_rest / ${axisRead(dims, axis)};`,
      `let ${coordinate}${axis} = ${coordinate}_rest - ${coordinate}_over${axis} * ${axisRead(dims, axis)};`,
      `${coordinate}_rest = ${coordinate}_over${axis};`,
    );
  lines.push(`let ${coordinate}0 = ${coordinate}_rest;`);
  return lines.join("\n");
}

/** WGSL of the sum of coordinates times strides. */
export function dotStrides(coordinate: string, strides: string, rank: number): string {
  return Array.from({ length: rank }, (_, axis) => `${coordinate}${axis} * ${axisRead(strides, axis)}`).join(" + ");
}
