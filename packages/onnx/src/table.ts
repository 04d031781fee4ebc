// The translation table: an entry for every op that ONNX has a node, or a few, for. The compiler names a required op that is missing.
import { type NodeSpec, type RequiredOp, sizeOf } from "@stria/core";
import { constant } from "./ops/constant.ts";
import { convolution } from "./ops/convolution.ts";
import { elementwise } from "./ops/elementwise.ts";
import { indexing } from "./ops/indexing.ts";
import { linear } from "./ops/linear.ts";
import { normalisation } from "./ops/normalisation.ts";
import { pooling } from "./ops/pooling.ts";
import { reductions } from "./ops/reduce.ts";
import { shape } from "./ops/shape.ts";
import type { Rule } from "./translation.ts";

const rules = {
  ...constant,
  ...elementwise,
  ...shape,
  ...reductions,
  ...linear,
  ...convolution,
  ...pooling,
  ...normalisation,
  ...indexing,
} satisfies Record<RequiredOp, Rule>;

const table: ReadonlyMap<string, Rule> = new Map<string, Rule>(Object.entries(rules));

/** The rule for an op, by name; undefined where there is none. */
export function ruleOf(op: string): Rule | undefined {
  return table.get(op);
}

/** Whether `toOnnx` takes this node as it is; else it must be decomposed first. */
export function onnxSupports(node: NodeSpec): boolean {
  const rule = table.get(node.op.name);
  if (!rule) return false;
  return node.outputs.every(({ shape: lengths }) => sizeOf(lengths) === 0) || (rule.takes?.(node) ?? true);
}
