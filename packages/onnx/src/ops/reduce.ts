// Reductions. Runtimes differ on NaN in maxima: it is put back by one more pass, whose sum is NaN exactly where a NaN went in.
import { at, sizeOf } from "@stria/core";
import { flag, number, numbers } from "../attributes.ts";
import { type Named, type Rule, type Translation, nameOf } from "../translation.ts";
import type { Attributes } from "../writer.ts";

function keepDims(kept: boolean): Attributes {
  return { keepdims: kept ? 1 : 0 };
}

function reduce({ writer, attrs }: Translation, opType: string, x: string): string {
  const axes = numbers(attrs, "axes");
  if (axes.length === 0) return x;
  return writer.node(opType, [x, writer.integers(axes)], keepDims(flag(attrs, "keepDims")));
}

/** What a sum or product is over nothing. */
function overNothing({ writer, inputs }: Translation, start: number): Named[] | undefined {
  const { shape, dtype } = at(inputs, 0).aval;
  return sizeOf(shape) === 0 ? [{ name: writer.scalar(dtype, start), shape: [] }] : undefined;
}

// ONNX Runtime's int32 sums stop at the largest integer; Stria's wrap, and so does a cast from int64.
function sum(translation: Translation): readonly (string | Named)[] {
  const { writer, inputs } = translation;
  const { dtype } = at(inputs, 0).aval;
  const x = (): string => nameOf(translation, 0);
  return (
    overNothing(translation, 0) ?? [
      dtype === "float32"
        ? reduce(translation, "ReduceSum", x())
        : writer.cast(reduce(translation, "ReduceSum", writer.cast(x(), "int64")), dtype),
    ]
  );
}

/** An int32 product, by halves: ONNX Runtime's reduction goes through float64, its Mul wraps as Stria's. */
function integerProduct({ writer, attrs, inputs, outputs }: Translation): string {
  const { name, aval } = at(inputs, 0);
  const axes = numbers(attrs, "axes");
  const kept = [...aval.shape.keys()].filter((axis) => !axes.includes(axis));
  const width = sizeOf(kept.map((axis) => at(aval.shape, axis)));
  let rows = sizeOf(axes.map((axis) => at(aval.shape, axis)));
  const ahead = writer.node("Transpose", [name], { perm: [...axes, ...kept] });
  let product = writer.node("Reshape", [ahead, writer.integers([rows, width])]);
  while (rows > 1) {
    if (rows % 2 === 1)
      product = writer.node("Pad", [product, writer.integers([0, 0, 1, 0]), writer.scalar("int32", 1)]);
    rows = Math.ceil(rows / 2);
    const [upper = "", lower = ""] = writer.nodeOf(2, "Split", [product, writer.integers([rows, rows])], { axis: 0 });
    product = writer.node("Mul", [upper, lower]);
  }
  return writer.node("Reshape", [product, writer.integers(at(outputs, 0).shape)]);
}

function prod(translation: Translation): readonly (string | Named)[] {
  const isFloat = at(translation.inputs, 0).aval.dtype === "float32";
  return (
    overNothing(translation, 1) ?? [
      isFloat ? reduce(translation, "ReduceProd", nameOf(translation, 0)) : integerProduct(translation),
    ]
  );
}

function max(translation: Translation): string[] {
  const { writer, inputs, exact, attrs } = translation;
  const x = nameOf(translation, 0);
  const largest = reduce(translation, "ReduceMax", x);
  if (!exact || at(inputs, 0).aval.dtype !== "float32" || numbers(attrs, "axes").length === 0) return [largest];
  const squares = reduce(translation, "ReduceSumSquare", x);
  return [writer.node("Where", [writer.node("IsNaN", [squares]), squares, largest])];
}

function argMax({ writer, inputs, outputs, exact, attrs }: Translation): Named[] {
  const { name: x, aval } = at(inputs, 0);
  const axis = number(attrs, "axis");
  const kept = keepDims(flag(attrs, "keepDims"));
  const place = (of: string): string => writer.node("ArgMax", [of], { axis, ...kept });
  const named = (winner: string): Named[] => [
    { name: writer.cast(winner, "int32"), shape: at(outputs, 0).shape, below: at(aval.shape, axis) },
  ];
  if (!exact || aval.dtype !== "float32") return named(place(x));
  const nans = writer.cast(writer.node("IsNaN", [x]), "uint8");
  const hit = writer.cast(writer.node("ReduceMax", [nans, writer.integers([axis])], kept), "bool");
  return named(writer.node("Where", [hit, place(nans), place(x)]));
}

type ReductionsOp = "sum" | "prod" | "max" | "argMax";

export const reductions: Readonly<Record<ReductionsOp, Rule>> = {
  sum: { translate: sum },
  prod: { translate: prod },
  max: { translate: max },
  argMax: { translate: argMax },
};
