// Receptive fields behind matrix products and slices at indices: of constant ones it is known what they see.
import { at } from "@stria/core";
import { range } from "../axes.ts";
import { type Context, type Rule, number, viewOf } from "./rule.ts";
import { type Slide, type View, aligned, collapsed, merged, plain, slid, withAxis } from "./view.ts";

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

/** A matrix product. */
export const product: Rule = (context) => {
  const [a, b] = context.views;
  return merged([...(a ? [factor(context, 0, a)] : []), ...(b ? [factor(context, 1, b)] : [])], context.shape);
};

/** Slices at indices. */
export const picked: Rule = (context) => {
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
