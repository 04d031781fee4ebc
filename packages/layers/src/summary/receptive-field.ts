// Receptive fields, derived from a graph: what each value sees of the input, along the longest path. Each op that moves places has a rule; the others
// act element by element, or mix everything.
import { type Aval, type Graph, type GraphNode, type TypedArray, at } from "@stria/core";
import { range } from "../axes.ts";
import {
  type ReceptiveField,
  type Slide,
  type View,
  aligned,
  collapsed,
  inputView,
  merged,
  mixed,
  plain,
  reshaped,
  slid,
  withAxis,
} from "./view.ts";

/** A node whose first data is in `x`. */
interface Context {
  readonly node: GraphNode;
  readonly inputs: readonly Aval[];
  readonly views: readonly (View | undefined)[];
  readonly constants: readonly (TypedArray | undefined)[];
  readonly shape: readonly number[];
}

type Rule = (context: Context) => View;

function numbers({ node }: Context, name: string): readonly number[] {
  const value = node.attrs[name];
  return Array.isArray(value) ? value.map((item) => (typeof item === "number" ? item : 0)) : [];
}

function number({ node }: Context, name: string): number {
  const value = node.attrs[name];
  return typeof value === "number" ? value : 0;
}

/** Elements before, of padding along each axis. */
function before({ node }: Context): readonly number[] {
  const value = node.attrs["padding"];
  return Array.isArray(value) ? value.map((pair) => (Array.isArray(pair) ? Number(pair[0]) : 0)) : [];
}

function viewOf({ views, shape }: Context): View {
  const [view = mixed([], shape)] = views.filter((one) => one !== undefined);
  return view;
}

/** Windows over the axes from 2 on. */
function windows(given: View, kernel: readonly number[], slide: (axis: number, kernel: number) => Slide): View {
  return kernel.reduce((view, length, axis) => slid(view, axis + 2, slide(axis, length)), given);
}

/** Whatever runs along the channels is seen whole. */
function acrossChannels(context: Context): View {
  const view = viewOf(context);
  return withAxis(collapsed(view, at(view.axes, 1)), 1, plain(at(context.shape, 1)));
}

function slideForward(context: Context): (axis: number, kernel: number) => Slide {
  const [stride, dilation, padding] = [numbers(context, "stride"), numbers(context, "dilation"), before(context)];
  return (axis, kernel) => ({
    reach: (kernel - 1) * at(dilation, axis),
    start: -at(padding, axis),
    step: at(stride, axis),
    length: at(context.shape, axis + 2),
  });
}

/** An output of a transposed convolution sees the inputs whose kernels, put `stride` apart, reach it. */
function slideBackward(context: Context): (axis: number, kernel: number) => Slide {
  const [stride, dilation, padding] = [numbers(context, "stride"), numbers(context, "dilation"), before(context)];
  return (axis, kernel) => {
    const [step, reach] = [at(stride, axis), (kernel - 1) * at(dilation, axis)];
    return {
      reach: Math.ceil((reach + 1) / step) - 1,
      start: Math.ceil((at(padding, axis) - reach) / step),
      step: 1 / step,
      length: at(context.shape, axis + 2),
    };
  };
}

function kernelOf({ inputs }: Context): readonly number[] {
  return at(inputs, 1).shape.slice(2);
}

const pooled: Rule = (context) => windows(viewOf(context), numbers(context, "kernel"), slideForward(context));

function reduced(context: Context, axes: readonly number[], keep: boolean): View {
  const given = viewOf(context);
  const view = collapsed(
    given,
    axes.flatMap((axis) => at(given.axes, axis)),
  );
  return {
    ...view,
    axes: keep
      ? view.axes.map((segments, axis) => (axes.includes(axis) ? plain(1) : segments))
      : view.axes.filter((_, axis) => !axes.includes(axis)),
  };
}

/** Every element sees its whole lane along an axis; the shape stays. */
function mixedAlong(context: Context, axes: readonly number[]): View {
  const view = reduced(context, axes, true);
  return {
    ...view,
    axes: view.axes.map((segments, axis) => (axes.includes(axis) ? plain(at(context.shape, axis)) : segments)),
  };
}

/** Windows that the rows of a constant matrix are: from the first column that is not 0 to the last. */
function slideOfRows(rows: number, columns: number, element: (row: number, column: number) => number): Slide {
  const spans = range(rows).map((row) => {
    const seen = range(columns).filter((column) => element(row, column) !== 0);
    return { first: seen[0] ?? 0, last: seen.at(-1) ?? 0 };
  });
  const [first, last] = [at(spans, 0), at(spans, rows - 1)];
  return {
    reach: spans.reduce((most, span) => Math.max(most, span.last - span.first), 0),
    start: first.first,
    step: rows > 1 ? (last.first + last.last - first.first - first.last) / (2 * (rows - 1)) : columns,
    length: rows,
  };
}

/** One side's part in a product: along the inner axis it is seen whole, or as far as a constant matrix on the other side lets it be seen. */
function factor(context: Context, side: 0 | 1, view: View): View {
  const { node, inputs, constants, shape } = context;
  const rank = shape.length;
  const other = side === 0 ? 1 : 0;
  const [rows, columns] = [rank - 2, rank - 1];
  const transposed = (which: 0 | 1): boolean => node.attrs[which === 0 ? "transposeA" : "transposeB"] === true;
  const own = aligned(view, rank);
  const inner = (side === 0) === transposed(side) ? rows : columns;
  const [keptPlace, newPlace] = side === 0 ? [rows, columns] : [columns, rows];
  const count = at(shape, newPlace);
  const [matrix, [height = 0, width = 0, ...more]] = [constants[other], at(inputs, other).shape];
  let seen: View;
  if (matrix && more.length === 0) {
    const byRow = (side === 0) === transposed(other);
    const element = (output: number, input: number): number =>
      at(matrix, byRow ? output * width + input : input * width + output);
    seen = slid(own, inner, slideOfRows(count, byRow ? width : height, element));
  } else seen = withAxis(collapsed(own, at(own.axes, inner)), inner, plain(count));
  const [kept, moved] = [at(seen.axes, inner === rows ? columns : rows), at(seen.axes, inner)];
  return { ...seen, axes: seen.axes.with(keptPlace, kept).with(newPlace, moved) };
}

const product: Rule = (context) => {
  const [a, b] = context.views;
  return merged([...(a ? [factor(context, 0, a)] : []), ...(b ? [factor(context, 1, b)] : [])], context.shape);
};

const joined: Rule = (context) => {
  const { views, inputs, shape } = context;
  const axis = number(context, "axis");
  const known = views.flatMap((view, index) => (view ? [{ view, index }] : []));
  const along = known.some(({ view }) => at(view.axes, axis).some((segment) => segment.along !== undefined));
  const widened = (view: View): View => withAxis(view, axis, plain(at(shape, axis)));
  if (!along)
    return merged(
      known.map(({ view }) => widened(view)),
      shape,
    );
  // Borders that are copies of what is inside add nothing: the longest part says where the places are.
  const lengthOf = (index: number): number => at(at(inputs, index).shape, axis);
  const longest = known.reduce((best, one) => (lengthOf(one.index) > lengthOf(best.index) ? one : best));
  const offset = range(longest.index).reduce((sum, index) => sum + lengthOf(index), 0);
  return slid(longest.view, axis, { reach: 0, start: -offset, step: 1, length: at(shape, axis) });
};

const picked: Rule = (context) => {
  const { views, inputs, constants, shape } = context;
  const [axis, places] = [number(context, "axis"), at(inputs, 1).shape];
  const [view, ofIndices, indices] = [views[0], views[1], constants[1]];
  if (!view) {
    const around = { ...viewOf(context), axes: shape.map(plain) };
    return { ...around, axes: around.axes.map((segments, index) => ofIndices?.axes[index - axis] ?? segments) };
  }
  const rest = view.axes.length - axis - 1;
  if (!indices || places.length !== 1) {
    const seen = collapsed(view, at(view.axes, axis));
    return {
      ...seen,
      axes: [...seen.axes.slice(0, axis), ...places.map(plain), ...seen.axes.slice(seen.axes.length - rest)],
    };
  }
  const length = at(at(inputs, 0).shape, axis);
  return slid(
    view,
    axis,
    slideOfRows(indices.length, length, (row, column) => (indices[row] === column ? 1 : 0)),
  );
};

const rules: Readonly<Record<string, Rule>> = {
  conv: (context) => windows(acrossChannels(context), kernelOf(context), slideForward(context)),
  convTranspose: (context) => windows(acrossChannels(context), kernelOf(context), slideBackward(context)),
  maxPool: pooled,
  avgPool: pooled,
  broadcastTo: (context) => merged([viewOf(context)], context.shape),
  matmul: product,
  reshape: (context) => reshaped(viewOf(context), context.shape),
  transpose: (context) => {
    const view = viewOf(context);
    return { ...view, axes: numbers(context, "permutation").map((axis) => at(view.axes, axis)) };
  },
  pad: (context) =>
    before(context).reduce(
      (view, count, axis) =>
        at(context.shape, axis) === at(at(context.inputs, 0).shape, axis)
          ? view
          : slid(view, axis, { reach: 0, start: -count, step: 1, length: at(context.shape, axis) }),
      viewOf(context),
    ),
  slice: (context) => {
    const [start, stride] = [numbers(context, "start"), numbers(context, "stride")];
    return context.shape.reduce(
      (view, length, axis) => slid(view, axis, { reach: 0, start: at(start, axis), step: at(stride, axis), length }),
      viewOf(context),
    );
  },
  concat: joined,
  take: picked,
  sum: (context) => reduced(context, numbers(context, "axes"), context.node.attrs["keepDims"] === true),
  prod: (context) => reduced(context, numbers(context, "axes"), context.node.attrs["keepDims"] === true),
  max: (context) => reduced(context, numbers(context, "axes"), context.node.attrs["keepDims"] === true),
  argMax: (context) => reduced(context, [number(context, "axis")], context.node.attrs["keepDims"] === true),
  softmax: (context) => mixedAlong(context, [number(context, "axis")]),
  logSoftmax: (context) => mixedAlong(context, [number(context, "axis")]),
  argSort: (context) => mixedAlong(context, [number(context, "axis")]),
  gather: (context) => mixedAlong(context, [number(context, "axis")]),
  batchNormTraining: (context) => mixedAlong(context, range(context.shape.length).slice(2)),
};

/** Whether an op acts element by element, as far as shapes tell: the output is what the inputs broadcast to. */
function isElementwise({ inputs, shape }: Context): boolean {
  const lengthAt = (input: Aval, axis: number): number => input.shape[axis - shape.length + input.shape.length] ?? 1;
  return (
    inputs.every((input) => input.shape.length <= shape.length) &&
    shape.every(
      (length, axis) =>
        inputs.every((input) => [1, length].includes(lengthAt(input, axis))) &&
        inputs.some((input) => lengthAt(input, axis) === length),
    )
  );
}

function ruleFor(context: Context): View {
  const { node, views, shape } = context;
  const known = views.filter((view) => view !== undefined);
  const rule = Object.hasOwn(rules, node.op.name) ? rules[node.op.name] : undefined;
  if (rule) return rule(context);
  return isElementwise(context) ? merged(known, shape) : mixed(known, shape);
}

/**
 * What each value of a graph sees of its input number `input`: one field for each axis that is followed, from `firstAxis` on. Values that do not depend on
 * the input are not in the result.
 */
export function receptiveFields(
  graph: Graph,
  input: number,
  firstAxis: number,
): ReadonlyMap<number, readonly ReceptiveField[]> {
  const constants = new Map(graph.constants.map(({ value, data }) => [value, data]));
  const views = new Map<number, View>([[input, inputView(at(graph.values, input).shape, firstAxis)]]);
  for (const node of graph.nodes) {
    if (!node.inputs.some((value) => views.has(value))) continue;
    for (const output of node.outputs)
      views.set(
        output,
        ruleFor({
          node,
          inputs: node.inputs.map((value) => at(graph.values, value)),
          views: node.inputs.map((value) => views.get(value)),
          constants: node.inputs.map((value) => constants.get(value)),
          shape: at(graph.values, output).shape,
        }),
      );
  }
  return new Map(
    [...views].map(([value, { fields }]) => [
      value,
      fields.map(({ field, jump, start }) => ({ field: Math.ceil(field), jump, start: Math.floor(start) })),
    ]),
  );
}
