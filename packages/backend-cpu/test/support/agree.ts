// Runs one op on a backend and on the reference, and says where they differ.
import { at, type Attrs, type Backend, type NodeSpec, showAval, type TypedArray } from "@stria/core";
import { allOps } from "@stria/core/all-ops";
import { reference } from "@stria/core/reference";
import { loadAllParts } from "../../src/parts/index.ts";
import type { Value } from "./random.ts";

const oracle = reference();

/** How far apart two results may be. */
export interface Tolerance {
  /** Relative to each element. */
  readonly relative?: number;
  /** Relative to the largest element. */
  readonly ofLargest?: number;
}

export function specOf(name: string, inputs: readonly Value[], attrs: Attrs): NodeSpec {
  const op = allOps[name];
  if (!op) throw new Error(`there is no op ${name}`);
  const avals = inputs.map(({ aval }) => aval);
  return { op, attrs, inputs: avals, outputs: op.infer(avals, attrs) };
}

export async function runNode(backend: Backend, node: NodeSpec, inputs: readonly Value[]): Promise<TypedArray[]> {
  await loadAllParts();
  const uploaded = inputs.map(({ data, aval }) => backend.upload(data, aval));
  const outputs = backend.execute?.(node, uploaded) ?? [];
  const data = await Promise.all(outputs.map((output) => backend.download(output)));
  for (const buffer of [...uploaded, ...outputs]) backend.free(buffer);
  return data;
}

/** The first difference in words, or undefined. NaN equals NaN, and 0 equals -0. */
export function difference(
  found: TypedArray,
  wanted: TypedArray,
  { relative = 0, ofLargest = 0 }: Tolerance,
): string | undefined {
  if (found.length !== wanted.length) return `${found.length} elements instead of ${wanted.length}`;
  let largest = 0;
  for (const x of wanted) if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x));
  for (const [index, want] of wanted.entries()) {
    const got = at(found, index);
    if (Object.is(got, want) || got === want) continue;
    // One subnormal step is always allowed.
    if (!(Math.abs(got - want) <= relative * Math.abs(want) + ofLargest * largest + 1.5e-45))
      return `element ${index} is ${got} instead of ${want}`;
  }
  return undefined;
}

/** The difference between the backend and the reference for one op, in words that say which op and which input. */
export async function disagreement(
  backend: Backend,
  name: string,
  inputs: readonly Value[],
  attrs: Attrs,
  tolerance: Tolerance,
): Promise<string | undefined> {
  const node = specOf(name, inputs, attrs);
  const [found, wanted] = [await runNode(backend, node, inputs), await runNode(oracle, node, inputs)];
  for (const [index, output] of wanted.entries()) {
    const words = difference(at(found, index), output, tolerance);
    if (words !== undefined)
      return `${name}(${node.inputs.map(showAval).join()}) ${JSON.stringify(attrs)} output ${index}: ${words}`;
  }
  return undefined;
}
