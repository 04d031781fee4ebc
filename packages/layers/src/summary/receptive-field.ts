// Receptive fields, derived from a graph: what each value sees of the input, along the longest path. Each op that moves places has a rule; the others
// act element by element, or mix everything.
import { type Aval, type Graph, at } from "@stria/core";
import { range } from "../axes.ts";
import { type Context, type Rule, before, number, numbers, viewOf } from "./rule.ts";
import { joined } from "./joins.ts";
import { picked, product } from "./products.ts";
import {
  type ReceptiveField,
  type View,
  collapsed,
  inputView,
  merged,
  mixed,
  plain,
  reshaped,
  slid,
  withAxis,
} from "./view.ts";
import { type Pooling, poolingOf, unpooled } from "./unpooling.ts";
import { slidBackward, slidForward, windowsOf } from "./windows.ts";

/** Whatever runs along the channels is seen whole. */
function acrossChannels(context: Context): View {
  const view = viewOf(context);
  return withAxis(collapsed(view, at(view.axes, 1)), 1, plain(at(context.shape, 1)));
}

function kernelOf({ inputs }: Context): readonly number[] {
  return at(inputs, 1).shape.slice(2);
}

const pooled: Rule = (context) =>
  slidForward(viewOf(context), numbers(context, "kernel"), windowsOf(context), context.shape);

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

const rules: Readonly<Record<string, Rule>> = {
  conv: (context) => slidForward(acrossChannels(context), kernelOf(context), windowsOf(context), context.shape),
  convTranspose: (context) =>
    slidBackward(acrossChannels(context), kernelOf(context), windowsOf(context), context.shape),
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
  gather: unpooled((context) => mixedAlong(context, [number(context, "axis")])),
  gatherGradient: unpooled((context) =>
    mixed(
      context.views.filter((view) => view !== undefined),
      context.shape,
    ),
  ),
  scatterPlaces: unpooled((context) => mixed([viewOf(context)], context.shape)),
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
  const poolings = new Map<number, Pooling>();
  for (const node of graph.nodes) {
    if (!node.inputs.some((value) => views.has(value))) continue;
    for (const output of node.outputs) {
      const context: Context = {
        node,
        inputs: node.inputs.map((value) => at(graph.values, value)),
        views: node.inputs.map((value) => views.get(value)),
        constants: node.inputs.map((value) => constants.get(value)),
        shape: at(graph.values, output).shape,
        pooling: node.inputs.map((value) => poolings.get(value)).find((pooling) => pooling !== undefined),
      };
      views.set(output, ruleFor(context));
      const pooling = output === node.outputs.at(-1) ? poolingOf(node, context) : undefined;
      if (pooling) poolings.set(output, pooling);
    }
  }
  return new Map(
    [...views].map(([value, { fields }]) => [
      value,
      fields.map(({ field, jump, start }) => ({ field: Math.ceil(field), jump, start: Math.floor(start) })),
    ]),
  );
}
