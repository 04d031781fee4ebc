// Reading and writing at indices, and sorting. ONNX counts negative indices from the end and lets a runtime refuse those that are outside: Stria reads
// NaN or 0 there, and writes nothing.
import { type DType, type Shape, at } from "@stria/core";
import { flag, number } from "../attributes.ts";
import { type Named, type Rule, type Translate, type Translation, nameOf } from "../translation.ts";
import type { Writer } from "../writer.ts";

/** Where the indices are inside; undefined where they are known to be, or nobody wants to know. */
function insideOf({ writer, inputs, exact }: Translation, input: number, length: number): string | undefined {
  const { name, small } = at(inputs, input);
  if (!exact || (small.below !== undefined && small.below <= length)) return undefined;
  return writer.node("And", [
    writer.node("LessOrEqual", [writer.scalar("int32", 0), name]),
    writer.node("Less", [name, writer.scalar("int32", length)]),
  ]);
}

/** What is read outside. */
function nothing(writer: Writer, dtype: DType): string {
  return writer.scalar(dtype, dtype === "float32" || dtype === "float16" ? Number.NaN : 0);
}

/** `y` where `inside` (reshaped to broadcast, where a shape is given), else what is read outside. */
function whereInside(writer: Writer, dtype: DType, inside: string, y: string, shape?: Shape): string {
  const mask = shape ? writer.node("Reshape", [inside, writer.integers(shape)]) : inside;
  if (dtype === "float16")
    // ONNX Runtime's does not know float16; float32 holds it exactly.
    return writer.cast(writer.node("Where", [mask, writer.cast(y, "float32"), nothing(writer, "float32")]), dtype);
  if (dtype !== "bool") return writer.node("Where", [mask, y, nothing(writer, dtype)]);
  return writer.node("And", [mask, y]);
}

const read =
  (opType: "Gather" | "GatherElements"): Translate =>
  (translation) => {
    const { writer, attrs, inputs } = translation;
    const { shape, dtype } = at(inputs, 0).aval;
    const axis = number(attrs, "axis");
    const length = at(shape, axis);
    if (length === 0) return [{ name: nothing(writer, dtype), shape: [] }];
    const [x, indices] = [nameOf(translation, 0), nameOf(translation, 1)];
    const inside = insideOf(translation, 1, length);
    if (inside === undefined) return [writer.node(opType, [x, indices], { axis })];
    const safe = writer.node("Where", [inside, indices, writer.scalar("int32", 0)]);
    const y = writer.node(opType, [x, safe], { axis });
    const ones = opType === "Gather" ? shape.slice(axis + 1).map(() => 1) : [];
    return [
      whereInside(writer, dtype, inside, y, ones.length > 0 ? [...at(inputs, 1).aval.shape, ...ones] : undefined),
    ];
  };

/** What is written at the indices of one axis. */
interface Written {
  readonly updates: string;
  readonly indices: string;
  /** Where the indices are inside, if they need not be everywhere. */
  readonly inside: string | undefined;
  readonly shape: Shape;
  readonly axis: number;
  readonly start: string;
  readonly reduction: "add" | "max";
}

/** Updates reduced into a tensor of `start`. What is outside goes to one more place at the end (ONNX counts -1 from there), which is cut off. */
function write(writer: Writer, written: Written): string {
  const { updates, indices, inside, shape, axis, start, reduction } = written;
  const length = at(shape, axis);
  const target = writer.node("Expand", [start, writer.integers(inside ? shape.with(axis, length + 1) : shape)]);
  const places = inside ? writer.node("Where", [inside, indices, writer.scalar("int32", -1)]) : indices;
  const result = writer.node("ScatterElements", [target, places, updates], { axis, reduction });
  if (!inside) return result;
  return writer.node("Slice", [result, writer.integers([0]), writer.integers([length]), writer.integers([axis])]);
}

const gatherGradient: Translate = (translation) => {
  const { writer, attrs, inputs, outputs } = translation;
  const { shape, dtype } = at(outputs, 0);
  const start = writer.scalar(dtype, 0);
  const axis = number(attrs, "axis");
  if (at(inputs, 0).aval.shape.includes(0)) return [{ name: start, shape: [] }];
  return [
    write(writer, {
      updates: nameOf(translation, 0),
      indices: nameOf(translation, 1),
      inside: insideOf(translation, 1, at(shape, axis)),
      shape,
      axis,
      start,
      reduction: "add",
    }),
  ];
};

/** The indices of takeGradient, one for each element. */
const takeGradient: Translate = (translation) => {
  const { writer, attrs, inputs, outputs } = translation;
  const { shape, dtype } = at(outputs, 0);
  const start = writer.scalar(dtype, 0);
  const axis = number(attrs, "axis");
  const [dy, indices] = [at(inputs, 0), at(inputs, 1)];
  if (dy.aval.shape.includes(0)) return [{ name: start, shape: [] }];
  const count = indices.aval.shape.reduce((product, length) => product * length, 1);
  const flat = shape.with(axis, count);
  const alongAxis = writer.integers(shape.map((_, other) => (other === axis ? count : 1)));
  const spread = (name: string): string =>
    writer.node("Expand", [writer.node("Reshape", [name, alongAxis]), writer.integers(flat)]);
  const inside = insideOf(translation, 1, at(shape, axis));
  return [
    write(writer, {
      updates: writer.node("Reshape", [dy.name, writer.integers(flat)]),
      indices: spread(indices.name),
      inside: inside && writer.cast(spread(writer.cast(inside, "uint8")), "bool"),
      shape,
      axis,
      start,
      reduction: "add",
    }),
  ];
};

const scatterPlaces: Translate = (translation) => {
  const { writer, attrs, inputs, outputs } = translation;
  const { shape } = at(outputs, 0);
  const indices = at(inputs, 0);
  const start = writer.scalar("int32", -1);
  const axis = number(attrs, "axis");
  const count = at(indices.aval.shape, axis);
  if (count === 0) return [{ name: start, shape: [] }];
  const numbered = writer.constant(
    "int32",
    indices.aval.shape.map((length, other) => (other === axis ? length : 1)),
    Int32Array.from({ length: count }, (_, place) => place),
  );
  return [
    write(writer, {
      updates: writer.node("Expand", [numbered, writer.integers(indices.aval.shape)]),
      indices: indices.name,
      inside: insideOf(translation, 0, at(shape, axis)),
      shape,
      axis,
      start,
      reduction: "max",
    }),
  ];
};

/** Indices (int64) of the first `count` in order; of equals the first come first. What TopK does with NaN is not said. */
function topK(writer: Writer, x: string, count: number, axis: number, largest: number): string {
  return at(writer.nodeOf(2, "TopK", [x, writer.integers([count])], { axis, largest, sorted: 1 }), 1);
}

/** NaN as largest: sorted as infinities first, and then, in that order, by whether they are. */
function topKOfNaN(writer: Writer, x: string, length: number, count: number, axis: number, largest: number): string {
  const nans = writer.node("IsNaN", [x]);
  const order = topK(
    writer,
    writer.node("Where", [nans, writer.scalar("float32", Number.POSITIVE_INFINITY), x]),
    length,
    axis,
    largest,
  );
  const flags = writer.node("GatherElements", [writer.cast(nans, "int32"), order], { axis });
  return writer.node("GatherElements", [order, topK(writer, flags, count, axis, largest)], { axis });
}

// One pass finds whether all elements are numbers; nearly always they are.
const argSort: Translate = (translation) => {
  const { writer, attrs, inputs, outputs, exact } = translation;
  const { name, aval } = at(inputs, 0);
  const [axis, count, largest] = [number(attrs, "axis"), number(attrs, "count"), flag(attrs, "descending") ? 1 : 0];
  const length = at(aval.shape, axis);
  const named = (order: string): Named[] => [
    { name: writer.cast(order, "int32"), shape: at(outputs, 0).shape, below: length },
  ];
  if (aval.dtype === "int32" || (aval.dtype === "float32" && !exact))
    return named(topK(writer, name, count, axis, largest));
  if (aval.dtype !== "float32") return named(topK(writer, writer.cast(name, "int32"), count, axis, largest));
  const squares = writer.node("ReduceSumSquare", [name], { keepdims: 0 });
  const plain = writer.node("Less", [squares, writer.scalar("float32", Number.POSITIVE_INFINITY)]);
  const order = writer.nodeOf(1, "If", [plain], {
    then_branch: writer.branch(() => [topK(writer, name, count, axis, largest)]),
    else_branch: writer.branch(() => [topKOfNaN(writer, name, length, count, axis, largest)]),
  });
  return named(at(order, 0));
};

type IndexingOp = "take" | "takeGradient" | "gather" | "gatherGradient" | "scatterPlaces" | "argSort";

export const indexing: Readonly<Record<IndexingOp, Rule>> = {
  take: { translate: read("Gather") },
  takeGradient: { translate: takeGradient },
  gather: { translate: read("GatherElements") },
  gatherGradient: { translate: gatherGradient },
  scatterPlaces: { translate: scatterPlaces },
  argSort: { translate: argSort },
};
