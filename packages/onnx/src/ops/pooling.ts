// Pooling. ONNX numbers the winners of max pooling through the whole tensor and says nothing of NaN; Stria numbers them in their plane, and NaN wins.
import { type NodeSpec, type Shape, at, sizeOf, stridesOf } from "@stria/core";
import { numbers } from "../attributes.ts";
import { type Named, type Rule, type Translate, type Translation, nameOf } from "../translation.ts";
import type { Writer } from "../writer.ts";
import { columns, poolingTakes, tapsOf, windowAttributes, type Windows, windowsOf } from "./window.ts";

/** What max pooling needs to know of its operand. */
interface Pooled {
  readonly x: string;
  readonly shape: Shape;
  readonly places: readonly number[];
  readonly windows: Windows;
}

/** ONNX's own max pooling: values, and winners counted in their plane where `indices`. */
function native(writer: Writer, { x, shape, places, windows }: Pooled, indices: boolean): string[] {
  const attributes = windowAttributes(windows);
  if (!indices) return [writer.node("MaxPool", [x], attributes)];
  const [values = "", winners = ""] = writer.nodeOf(2, "MaxPool", [x], attributes);
  const [batch, channels, plane] = [at(shape, 0), at(shape, 1), sizeOf(shape.slice(2))];
  const first = BigInt64Array.from({ length: batch * channels }, (_, index) => BigInt(index * plane));
  const start = writer.constant("int64", [batch, channels, ...places.map(() => 1)], first);
  return [values, writer.cast(writer.node("Sub", [winners, start]), "int32")];
}

/** Places in the plane of the first element of every window, and how far the others are from it. */
function placesInPlane({ shape, places, windows }: Pooled): {
  starts: Int32Array;
  offsets: Int32Array;
  seen: Uint8Array;
} {
  const { kernel, stride, dilation, padding } = windows;
  const spatial = shape.slice(2);
  const steps = stridesOf(spatial);
  const windowsList = tapsOf(places).map((place) =>
    place.map((k, axis) => k * at(stride, axis) - at(padding, axis)[0]),
  );
  const taps = tapsOf(kernel).map((tap) => tap.map((k, axis) => k * at(dilation, axis)));
  const inPlane = (coordinates: readonly number[]): number =>
    coordinates.reduce((sum, coordinate, axis) => sum + coordinate * at(steps, axis), 0);
  const seen = taps.flatMap((tap) =>
    windowsList.map((start) =>
      Number(
        tap.every((offset, axis) => at(start, axis) + offset >= 0 && at(start, axis) + offset < at(spatial, axis)),
      ),
    ),
  );
  return {
    starts: Int32Array.from(windowsList, inPlane),
    offsets: Int32Array.from(taps, inPlane),
    seen: Uint8Array.from(seen),
  };
}

/** Max pooling spelled out, right for NaN, infinities and any padding: the first element, not in the padding, that is the largest or a NaN. */
function spelledOut(writer: Writer, pooled: Pooled, indices: boolean): string[] {
  const { x, shape, places, windows } = pooled;
  const window = columns(writer, x, shape, places, windows, Number.NEGATIVE_INFINITY);
  const axes = writer.integers([2]);
  const { starts, offsets, seen } = placesInPlane(pooled);
  const nans = writer.node("IsNaN", [window]);
  const anyNaN = writer.cast(writer.node("ReduceMax", [writer.cast(nans, "uint8"), axes], { keepdims: 1 }), "bool");
  const largest = writer.node("ReduceMax", [window, axes], { keepdims: 1 });
  const wins = writer.cast(
    writer.node("Or", [
      nans,
      writer.node("And", [writer.node("Not", [anyNaN]), writer.node("Equal", [window, largest])]),
    ]),
    "uint8",
  );
  const hits = writer.node("Where", [
    writer.constant("bool", [1, 1, seen.length / starts.length, starts.length], seen),
    wins,
    writer.scalar("uint8", 0),
  ]);
  const tap = writer.node("ArgMax", [hits], { axis: 2, keepdims: 1 });
  const target = writer.integers([at(shape, 0), at(shape, 1), ...places]);
  const values = writer.node("Reshape", [writer.node("GatherElements", [window, tap], { axis: 2 }), target]);
  if (!indices) return [values];
  const offset = writer.node("Gather", [writer.constant("int32", [offsets.length], offsets), tap]);
  return [
    values,
    writer.node("Reshape", [writer.node("Add", [offset, writer.constant("int32", [starts.length], starts)]), target]),
  ];
}

// One pass finds whether all elements are finite and small enough for the runtime's kernel; nearly always they are.
const maxPool: Translate = (translation) => {
  const { writer, attrs, inputs, outputs, wanted, exact } = translation;
  const { shape } = at(inputs, 0).aval;
  const pooled: Pooled = {
    x: nameOf(translation, 0),
    shape,
    places: at(outputs, 0).shape.slice(2),
    windows: windowsOf(attrs),
  };
  const indices = wanted[1] ?? false;
  const inPlane = (names: string[]): (string | Named)[] => [
    at(names, 0),
    { name: names[1] ?? "", shape: at(outputs, 1).shape, below: sizeOf(shape.slice(2)) },
  ];
  if (!poolingTakes(pooled.windows)) return inPlane(spelledOut(writer, pooled, indices));
  if (!exact) return inPlane(native(writer, pooled, indices));
  const squares = writer.node("ReduceSumSquare", [pooled.x], { keepdims: 0 });
  const plain = writer.node("Less", [squares, writer.scalar("float32", Number.POSITIVE_INFINITY)]);
  return inPlane(
    writer.nodeOf(indices ? 2 : 1, "If", [plain], {
      then_branch: writer.branch(() => native(writer, pooled, indices)),
      else_branch: writer.branch(() => spelledOut(writer, pooled, indices)),
    }),
  );
};

/** Indices as [N, C, places], each a place in a plane of `size` elements or -1; and whether they may be -1. */
function flatIndices({ writer, inputs }: Translation, size: number): { indices: string; outside: boolean } {
  const { aval, small, name } = at(inputs, 1);
  const [batch, channels, ...places] = aval.shape;
  const indices = writer.node("Reshape", [name, writer.integers([batch ?? 0, channels ?? 0, sizeOf(places)])]);
  if (small.below === size) return { indices, outside: false };
  const within = writer.node("And", [
    writer.node("LessOrEqual", [writer.scalar("int32", 0), indices]),
    writer.node("Less", [indices, writer.scalar("int32", size)]),
  ]);
  return { indices: writer.node("Where", [within, indices, writer.scalar("int32", -1)]), outside: true };
}

/** `dy` added at the winners' places. An index outside the plane goes to one more place at the end (ONNX counts -1 from there), which is cut off. */
const maxPoolGradient: Translate = (translation) => {
  const { writer, inputs, outputs, attrs } = translation;
  const { shape } = at(outputs, 0);
  const [batch, channels] = [at(shape, 0), at(shape, 1)];
  const plane = sizeOf(numbers(attrs, "inputSize"));
  const places = sizeOf(at(inputs, 0).aval.shape.slice(2));
  if (places === 0) return [{ name: writer.scalar("float32", 0), shape: [] }];
  const { indices, outside } = flatIndices(translation, plane);
  const zeros = writer.node("Expand", [
    writer.scalar("float32", 0),
    writer.integers([batch, channels, plane + (outside ? 1 : 0)]),
  ]);
  const dy = writer.node("Reshape", [nameOf(translation, 0), writer.integers([batch, channels, places])]);
  const sums = writer.node("ScatterElements", [zeros, indices, dy], { axis: 2, reduction: "add" });
  const kept = outside
    ? writer.node("Slice", [sums, writer.integers([0]), writer.integers([plane]), writer.integers([2])])
    : sums;
  return [writer.node("Reshape", [kept, writer.integers(shape)])];
};

const maxPoolGather: Translate = (translation) => {
  const { writer, inputs, outputs } = translation;
  const { shape } = at(inputs, 0).aval;
  const plane = sizeOf(shape.slice(2));
  if (plane === 0) return [{ name: writer.scalar("float32", 0), shape: [] }];
  const { indices, outside } = flatIndices(translation, plane);
  const x = writer.node("Reshape", [nameOf(translation, 0), writer.integers([at(shape, 0), at(shape, 1), plane])]);
  const taken = writer.node("GatherElements", [x, indices], { axis: 2 });
  const zero = writer.scalar("float32", 0);
  const known = outside
    ? writer.node("Where", [writer.node("Less", [indices, writer.scalar("int32", 0)]), zero, taken])
    : taken;
  return [writer.node("Reshape", [known, writer.integers(at(outputs, 0).shape)])];
};

const avgPool: Rule = {
  // Operator set 18 has no dilation here.
  takes: ({ attrs }) => poolingTakes(windowsOf(attrs)) && numbers(attrs, "dilation").every((step) => step === 1),
  translate(translation) {
    const { dilations: _, ...attributes } = windowAttributes(windowsOf(translation.attrs));
    return [translation.writer.node("AveragePool", [nameOf(translation, 0)], { ...attributes, count_include_pad: 1 })];
  },
};

/** Windows that tile the input: the gradient is each output's share, repeated over its window. */
function tiles({ attrs, inputs }: Pick<NodeSpec, "attrs" | "inputs">): boolean {
  const { kernel, stride, dilation, padding } = windowsOf(attrs);
  const places = at(inputs, 0).shape.slice(2);
  return numbers(attrs, "inputSize").every((length, axis) => {
    const [before, after] = at(padding, axis);
    const one = at(kernel, axis) === 1 || at(dilation, axis) === 1;
    return (
      one &&
      before === 0 &&
      after === 0 &&
      length === at(places, axis) * at(kernel, axis) &&
      (at(places, axis) === 1 || at(stride, axis) === at(kernel, axis))
    );
  });
}

const avgPoolGradient: Rule = {
  takes: tiles,
  translate(translation) {
    const { writer, attrs, inputs, outputs } = translation;
    const kernel = numbers(attrs, "kernel");
    const { shape } = at(inputs, 0).aval;
    const lead = shape.slice(0, 2);
    const share = writer.node("Mul", [nameOf(translation, 0), writer.scalar("float32", 1 / sizeOf(kernel))]);
    if (shape.slice(2).every((places) => places === 1)) return [{ name: share, shape }];
    const split = writer.node("Reshape", [
      share,
      writer.integers([...lead, ...shape.slice(2).flatMap((places) => [places, 1])]),
    ]);
    const repeated = writer.node("Expand", [
      split,
      writer.integers([...lead, ...shape.slice(2).flatMap((places, axis) => [places, at(kernel, axis)])]),
    ]);
    return [writer.node("Reshape", [repeated, writer.integers(at(outputs, 0).shape)])];
  },
};

type PoolingOp = "maxPool" | "maxPoolGradient" | "maxPoolGather" | "avgPool" | "avgPoolGradient";

export const pooling: Readonly<Record<PoolingOp, Rule>> = {
  maxPool: { translate: maxPool },
  maxPoolGradient: { translate: maxPoolGradient },
  maxPoolGather: { translate: maxPoolGather },
  avgPool,
  avgPoolGradient,
};
