// Ops that move elements and leave them as they are.
import { at, sizeOf } from "@stria/core";
import { number, numbers, pairs } from "../attributes.ts";
import { type Rule, nameOf } from "../translation.ts";

/** Before every axis ONNX wants the starts, then the ends. */
export function onnxPads(padding: readonly (readonly [number, number])[]): number[] {
  return [...padding.map(([before]) => before), ...padding.map(([, after]) => after)];
}

/** The end of a walk from the last element to the first: any index before the first element. */
const beforeFirst = -(2 ** 31);

type ShapeOp = "reshape" | "transpose" | "broadcastTo" | "pad" | "slice" | "flip" | "concat";

export const shape: Readonly<Record<ShapeOp, Rule>> = {
  reshape: {
    translate(translation) {
      const { writer, attrs, inputs } = translation;
      // A tensor of one repeated number stays one, and places stay below what they were below.
      const { small } = at(inputs, 0);
      if (sizeOf(small.shape) === 1 && small.shape.length === 0) return [small];
      const target = numbers(attrs, "shape");
      const name = writer.node("Reshape", [nameOf(translation, 0), writer.integers(target)]);
      return [{ name, shape: target, ...(small.below !== undefined && { below: small.below }) }];
    },
  },
  transpose: {
    translate: (translation) => [
      translation.writer.node("Transpose", [nameOf(translation, 0)], {
        perm: numbers(translation.attrs, "permutation"),
      }),
    ],
  },
  broadcastTo: { translate: ({ inputs }) => [at(inputs, 0).small] },
  pad: {
    translate(translation) {
      const { writer, attrs, inputs, outputs, exact } = translation;
      const input = at(inputs, 0);
      const { dtype } = input.aval;
      const value = writer.scalar(dtype, number(attrs, "value"));
      if (sizeOf(input.aval.shape) === 0) return [{ name: value, shape: [] }];
      if (at(outputs, 0).shape.length === 0) return [input.small];
      const pads = writer.integers(onnxPads(pairs(attrs, "padding")));
      if (dtype !== "float16" || !exact) return [writer.node("Pad", [input.name, pads, value])];
      // ONNX Runtime's does not know float16.
      const wide = writer.scalar("float32", number(attrs, "value"));
      return [writer.cast(writer.node("Pad", [writer.cast(input.name, "float32"), pads, wide]), dtype)];
    },
  },
  slice: {
    translate(translation) {
      const { writer, attrs, inputs } = translation;
      const from = at(inputs, 0).aval.shape;
      const [start, size, stride] = [numbers(attrs, "start"), numbers(attrs, "size"), numbers(attrs, "stride")];
      const axes = [...from.keys()].filter((axis) => at(size, axis) !== at(from, axis));
      if (axes.length === 0) return [nameOf(translation, 0)];
      const end = (axis: number): number => at(start, axis) + (at(size, axis) - 1) * at(stride, axis) + 1;
      return [
        writer.node("Slice", [
          nameOf(translation, 0),
          writer.integers(axes.map((axis) => at(start, axis))),
          writer.integers(axes.map(end)),
          writer.integers(axes),
          writer.integers(axes.map((axis) => at(stride, axis))),
        ]),
      ];
    },
  },
  flip: {
    translate(translation) {
      const { writer, attrs } = translation;
      const axes = numbers(attrs, "axes");
      if (axes.length === 0) return [nameOf(translation, 0)];
      const each = (value: number): string => writer.integers(axes.map(() => value));
      return [
        writer.node("Slice", [nameOf(translation, 0), each(-1), each(beforeFirst), writer.integers(axes), each(-1)]),
      ];
    },
  },
  concat: {
    translate({ writer, attrs, inputs }) {
      const filled = inputs.filter((input) => sizeOf(input.aval.shape) > 0);
      return [
        writer.node(
          "Concat",
          filled.map(({ name }) => name),
          { axis: number(attrs, "axis") },
        ),
      ];
    },
  },
};
