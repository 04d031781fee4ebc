// Matrix products.
import { type Shape, at, sizeOf } from "@stria/core";
import { flag } from "../attributes.ts";
import { type Rule, type Translation, type Value } from "../translation.ts";
import type { Writer } from "../writer.ts";

function swapped(writer: Writer, value: Value): string {
  const perm = [...value.aval.shape.keys()];
  const rank = perm.length;
  return writer.node("Transpose", [value.name], { perm: [...perm.slice(0, -2), rank - 1, rank - 2] });
}

function matmul({ writer, attrs, inputs }: Translation): ReturnType<Rule["translate"]> {
  const [a, b] = [at(inputs, 0), at(inputs, 1)];
  const [transposeA, transposeB] = [flag(attrs, "transposeA"), flag(attrs, "transposeB")];
  const isEmpty = (shape: Shape): boolean => sizeOf(shape) === 0;
  if (isEmpty(a.aval.shape) || isEmpty(b.aval.shape)) return [{ name: writer.scalar("float32", 0), shape: [] }];
  if (a.aval.shape.length === 2 && b.aval.shape.length === 2 && (transposeA || transposeB))
    return [writer.node("Gemm", [a.name, b.name], { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 })];
  return [writer.node("MatMul", [transposeA ? swapped(writer, a) : a.name, transposeB ? swapped(writer, b) : b.name])];
}

export const linear: Readonly<Record<"matmul", Rule>> = { matmul: { translate: matmul } };
