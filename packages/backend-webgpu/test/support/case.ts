// One call of an op with what it must give.
import { type Attrs, type Backend, type NodeSpec, at, defineOp } from "@stria/core";
import { expect } from "vitest";
import { type Value, toHost } from "./value.ts";

export interface Case {
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attrs: Attrs;
  readonly expected: readonly Value[];
  /** Allowed error of floats, relative to the larger of 1 and the expected number. Default 2e-6. */
  readonly tolerance?: number;
}

export function describeCase({ op, inputs, attrs }: Case): string {
  return `${op}(${inputs.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`).join(", ")}) ${JSON.stringify(attrs)}`;
}

export function nodeOf({ op, inputs, attrs, expected }: Case): NodeSpec {
  const avals = expected.map(({ shape, dtype }) => ({ shape, dtype }));
  return {
    op: defineOp(op, { infer: () => avals }),
    attrs,
    inputs: inputs.map(({ shape, dtype }) => ({ shape, dtype })),
    outputs: avals,
  };
}

/** Runs a case on a backend that is eager; leaves nothing behind. */
export async function check(backend: Backend, one: Case): Promise<void> {
  const node = nodeOf(one);
  expect(backend.supports(node), `supports ${describeCase(one)}`).toBe(true);
  const inputs = one.inputs.map((input) => backend.upload(toHost(input), input));
  const outputs = backend.execute?.(node, inputs) ?? [];
  try {
    expect(outputs.length).toBe(one.expected.length);
    for (const [index, output] of outputs.entries()) {
      const wanted = at(one.expected, index);
      compare(await backend.download(output), wanted, one.tolerance ?? 2e-6, `${describeCase(one)} output ${index}`);
    }
  } finally {
    for (const buffer of [...inputs, ...outputs]) backend.free(buffer);
  }
}

function compare(got: ArrayLike<number>, wanted: Value, tolerance: number, what: string): void {
  if (got.length !== wanted.data.length) expect.fail(`${what}: ${got.length} elements, not ${wanted.data.length}`);
  for (const [index, target] of toHost(wanted).entries()) {
    const number = at(got, index);
    const near =
      Object.is(number, target) ||
      number === target ||
      Math.abs(number - target) <= (wanted.dtype === "float32" ? tolerance * Math.max(1, Math.abs(target)) : 0);
    if (!near)
      expect.fail(
        `${what}: element ${index} is ${number}, not ${target}\n got ${Array.from(got).slice(0, 40).join(" ")}\n not ${wanted.data.slice(0, 40).join(" ")}`,
      );
  }
}
