// Reductions. Runtimes differ on NaN in maxima: it is put back by one more pass, whose sum is NaN exactly where a NaN went in.
import { type Aval, at, sizeOf } from "@stria/core";
import { flag, number, numbers } from "../attributes.ts";
import { type Rule, type Translation, nameOf } from "../translation.ts";
import type { Attributes } from "../writer.ts";

function reduce({ writer, attrs }: Translation, opType: string, x: string): string {
  const axes = numbers(attrs, "axes");
  if (axes.length === 0) return x;
  return writer.node(opType, [x, writer.integers(axes)], keepDims(flag(attrs, "keepDims")));
}

function keepDims(kept: boolean): Attributes {
  return { keepdims: kept ? 1 : 0 };
}

/** A sum or product; over nothing it is `start`. */
function fold(opType: string, start: number): Rule {
  return {
    translate(translation) {
      const { writer, inputs } = translation;
      const { shape, dtype }: Aval = at(inputs, 0).aval;
      if (sizeOf(shape) === 0) return [{ name: writer.scalar(dtype, start), shape: [] }];
      return [reduce(translation, opType, nameOf(translation, 0))];
    },
  };
}

function max(translation: Translation): string[] {
  const { writer, inputs, exact, attrs } = translation;
  const x = nameOf(translation, 0);
  const largest = reduce(translation, "ReduceMax", x);
  if (!exact || at(inputs, 0).aval.dtype !== "float32" || numbers(attrs, "axes").length === 0) return [largest];
  const squares = reduce(translation, "ReduceSumSquare", x);
  return [writer.node("Where", [writer.node("IsNaN", [squares]), squares, largest])];
}

function argMax({ writer, inputs, exact, attrs }: Translation): string[] {
  const { name: x, aval } = at(inputs, 0);
  const axis = number(attrs, "axis");
  const kept = keepDims(flag(attrs, "keepDims"));
  const place = (of: string): string => writer.node("ArgMax", [of], { axis, ...kept });
  if (!exact || aval.dtype !== "float32") return [writer.cast(place(x), "int32")];
  const nans = writer.cast(writer.node("IsNaN", [x]), "uint8");
  const hit = writer.cast(writer.node("ReduceMax", [nans, writer.integers([axis])], kept), "bool");
  return [writer.cast(writer.node("Where", [hit, place(nans), place(x)]), "int32")];
}

export const reductions = {
  sum: fold("ReduceSum", 0),
  prod: fold("ReduceProd", 1),
  max: { translate: max },
  argMax: { translate: argMax },
} satisfies Record<string, Rule>;
