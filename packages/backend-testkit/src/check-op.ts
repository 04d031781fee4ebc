// One op against its reference: for ops that a user defines.
import {
  type Attrs,
  type NodeSpec,
  type Op,
  type Tensor,
  type TypedArray,
  apply,
  at,
  defineOp,
  showAval,
} from "@stria/core";
import { CheckError, checkGradient, type GradientOptions } from "./check-gradient.ts";
import { difference } from "./compare.ts";

export interface OpCheck extends GradientOptions {
  /** The op, said so plainly that it can be trusted: row-major inputs in, fresh outputs out. */
  readonly reference: (inputs: readonly TypedArray[], node: NodeSpec) => readonly TypedArray[];
  /** Whether there is a gradient to check. Default true. */
  readonly differentiable?: boolean;
}

/** As of the kit: float32 rounds by 6e-8, and functions are a few units off. */
const values = { relative: 1e-5, ofLargest: 1e-6 };

/**
 * Checks an op, on the default backend: what `infer` says and what comes out are the same shapes and dtypes; a kernel of the backend, if it has one, and the
 * decomposition agree with the reference; the gradient of the first output, and its gradient, agree with finite differences.
 * @throws CheckError where they do not; what `infer` throws for these inputs
 * @example await checkOp(squareOp, [tensor([1, -2])], {}, { reference: ([x]) => [x.map((value) => value * value)] });
 */
export async function checkOp<A extends object>(
  op: Op<A>,
  inputs: readonly Tensor[],
  attrs: A & Attrs,
  { reference, differentiable = true, ...options }: OpCheck,
): Promise<void> {
  const avals = inputs.map((input) => input.aval);
  const outputs = op.infer(avals, attrs);
  const data = await Promise.all(inputs.map((input) => input.data()));
  const named = defineOp(op.name, { infer: (list) => op.infer(list, attrs) }); // the op, as nodes hold it: its attributes are any
  const wanted = reference(data, { op: named, attrs, inputs: avals, outputs });
  const ways: readonly (readonly [string, () => readonly Tensor[]])[] = [
    ["the op", () => apply(op, inputs, attrs)],
    ...(op.decompose ? [["its decomposition", () => op.decompose?.(inputs, attrs) ?? []] as const] : []),
  ];
  const faults: string[] = [];
  for (const [name, run] of ways) {
    const found = run();
    if (found.map((one) => showAval(one.aval)).join() !== outputs.map((one) => showAval(one)).join())
      faults.push(
        `${name} gives ${found.map((one) => showAval(one.aval)).join(", ")}, and infer says ${outputs.map((one) => showAval(one)).join(", ")}`,
      );
    else
      for (const [index, output] of found.entries()) {
        const words = difference(await output.data(), at(wanted, index), values);
        if (words !== undefined) faults.push(`output ${index} of ${name}: ${words}`);
      }
  }
  if (faults.length > 0)
    throw new CheckError(op.name, faults.join("; "), "make infer, the decomposition and the reference agree");
  if (differentiable) await checkGradient((...list) => at(apply(op, list, attrs), 0), inputs, options);
}
