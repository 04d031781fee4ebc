// Receptive fields behind tensors put one after the other.
import { at } from "@stria/core";
import { range } from "../axes.ts";
import { type Rule, number } from "./rule.ts";
import { type View, merged, mixed, plain, slid, union, withAxis } from "./view.ts";

/** Parts one after the other along an axis. */
export const joined: Rule = (context) => {
  const { views, inputs, shape } = context;
  const axis = number(context, "axis");
  const known = views.flatMap((view, index) => (view ? [{ view, index }] : []));
  const along = known.some(({ view }) => at(view.axes, axis).some((segment) => segment.along !== undefined));
  const inOne = (view: View): View => withAxis(view, axis, plain(at(shape, axis)));
  if (!along)
    return merged(
      known.map(({ view }) => inOne(view)),
      shape,
    );
  const lengthOf = (index: number): number => at(at(inputs, index).shape, axis);
  const offsetOf = (index: number): number => range(index).reduce((sum, other) => sum + lengthOf(other), 0);
  const [longest, ...others] = known.toSorted((p, q) => lengthOf(q.index) - lengthOf(p.index));
  if (!longest) return mixed([], shape);
  const placed = slid(longest.view, axis, {
    reach: 0,
    start: -offsetOf(longest.index),
    step: 1,
    length: at(shape, axis),
  });
  // Borders that are copies of what is inside add nothing: the longest part says where the places are.
  const isPadded = others.length < 3 && others.every(({ index }) => lengthOf(index) < lengthOf(longest.index));
  return isPadded
    ? placed
    : widened(
        placed,
        others.map(({ view, index }) => ({ view, offset: offsetOf(index) })),
      );
};

/** A view that also holds what parts that begin at `offset` see, such as the steps of a sequence. */
function widened(view: View, parts: readonly { readonly view: View; readonly offset: number }[]): View {
  const fields = view.fields.map((field, along) => {
    const isFollowed = view.axes.flat().some((segment) => segment.along === along);
    return parts.reduce((all, part) => {
      const { field: size, start } = at(part.view.fields, along);
      return union(all, { field: size, jump: field.jump, start: start - (isFollowed ? part.offset * field.jump : 0) });
    }, field);
  });
  return { ...view, fields };
}
