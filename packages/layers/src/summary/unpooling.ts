// Receptive fields behind unpooling: values that are put where a max pooling found its maxima see what the windows see that reach there.
import { type GraphNode, type Shape, at, sameShape, sizeOf } from "@stria/core";
import { type Context, type Rule, numbers } from "./rule.ts";
import { type View, merged, reshaped } from "./view.ts";
import { type Windows, slidBackward, windowsOf } from "./windows.ts";

/** The pooling that indices come from. */
export interface Pooling extends Windows {
  readonly kernel: readonly number[];
  /** Shapes of what was pooled, and of what came of it. */
  readonly from: Shape;
  readonly to: Shape;
}

/** The pooling whose indices are in the last output of a node: of a max pooling, or of what only lays given ones out anew. */
export function poolingOf(node: GraphNode, context: Context): Pooling | undefined {
  if (node.op.name === "reshape" || node.op.name === "scatterPlaces") return context.pooling;
  if (node.op.name !== "maxPool") return undefined;
  return {
    ...windowsOf(context),
    kernel: numbers(context, "kernel"),
    from: at(context.inputs, 0).shape,
    to: context.shape,
  };
}

/** What a plane sees into which values that see `view` are put at a pooling's indices; undefined where they are no unpooling. */
function laidBack({ node, inputs, pooling, shape }: Context, view: View): View | undefined {
  if (!pooling || node.attrs["axis"] !== 2) return undefined;
  const { kernel, from, to } = pooling;
  const flat = (full: Shape): Shape => [...full.slice(0, 2), sizeOf(full.slice(2))];
  if (!sameShape(at(inputs, 0).shape, flat(to)) || !sameShape(shape, flat(from))) return undefined;
  return reshaped(slidBackward(reshaped(view, to), kernel, pooling, from), shape);
}

/** The rule of an op that puts values at indices, or finds for each place which index names it; `otherwise` where the indices are of no pooling. */
export function unpooled(otherwise: Rule): Rule {
  return (context) => {
    const { views, inputs, shape } = context;
    const known = views.flatMap((view, index) => (view ? [{ view, own: at(inputs, index).shape }] : []));
    const laid = known.map(({ view, own }) => (sameShape(own, shape) ? view : laidBack(context, view)));
    const all = laid.filter((view) => view !== undefined);
    return context.pooling && all.length === laid.length ? merged(all, shape) : otherwise(context);
  };
}
