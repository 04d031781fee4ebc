// What a tensor sees of the input of a model: which of its axes run along an axis of the input, and how far each element sees.
import { type Shape, at } from "@stria/core";
import { range } from "../axes.ts";

/** What one unit of a layer sees along one axis of the input. */
export interface ReceptiveField {
  /** So many places of the input. */
  readonly field: number;
  /** Places of the input between what neighbouring units see. */
  readonly jump: number;
  /** The first place that unit 0 sees; negative inside the padding. */
  readonly start: number;
}

/** A factor of an axis: `length` places, one after the other along the input's axis number `along`, or along none. */
export interface Segment {
  readonly length: number;
  readonly along: number | undefined;
}

/** Each axis of a tensor is a product of segments, the slowest first (a flattened image is two); one field for each axis of the input. */
export interface View {
  readonly axes: readonly (readonly Segment[])[];
  readonly fields: readonly ReceptiveField[];
}

export function plain(length: number): Segment[] {
  return [{ length, along: undefined }];
}

/** The view of the input itself, whose axes from `first` on are followed. */
export function inputView(shape: Shape, first: number): View {
  return {
    axes: shape.map((length, axis) => [{ length, along: axis < first ? undefined : axis - first }]),
    fields: shape.slice(first).map(() => ({ field: 1, jump: 1, start: 0 })),
  };
}

export function withAxis(view: View, axis: number, segments: readonly Segment[]): View {
  return { ...view, axes: view.axes.with(axis, segments) };
}

function withField(view: View, along: number, field: ReceptiveField): View {
  return { ...view, fields: view.fields.with(along, field) };
}

/** The view in which each element sees all along the axes of the input that `segments` run along. */
export function collapsed(view: View, segments: readonly Segment[] = view.axes.flat()): View {
  let result = view;
  for (const { along, length } of segments) {
    if (along === undefined) continue;
    const { field, jump, start } = at(result.fields, along);
    result = withField(result, along, { field: field + Math.max(0, length - 1) * jump, jump, start });
    result = {
      ...result,
      axes: result.axes.map((axis) => axis.map((one) => (one.along === along ? { ...one, along: undefined } : one))),
    };
  }
  return result;
}

/** The input's axis that an axis runs along evenly, and how many units share a place; undefined where it runs along none, or several. */
function evenly(segments: readonly Segment[]): { along: number; shared: number } | undefined {
  const [first, ...rest] = segments.filter(({ length, along }) => length !== 1 || along !== undefined);
  if (first?.along === undefined || rest.some(({ along }) => along !== undefined)) return undefined;
  return { along: first.along, shared: rest.reduce((product, { length }) => product * length, 1) };
}

/** How windows slide along an axis: what each adds to the field, where the first begins, and how far apart they are, in units of the axis. */
export interface Slide {
  readonly reach: number;
  readonly start: number;
  readonly step: number;
  /** Number of windows. */
  readonly length: number;
}

/** An axis after windows have slid along it. */
export function slid(view: View, axis: number, { reach, start, step, length }: Slide): View {
  const segments = at(view.axes, axis);
  const unchanged = reach === 0 && start === 0 && step === 1;
  if (unchanged && segments.reduce((product, one) => product * one.length, 1) === length) return view;
  const even = step === 0 ? undefined : evenly(segments); // where all windows are one, all see the same
  if (!even) return withAxis(collapsed(view, segments), axis, plain(length));
  const { along, shared } = even;
  const before = at(view.fields, along);
  const jump = before.jump / shared;
  const field = { field: before.field + reach * jump, jump: jump * step, start: before.start + start * jump };
  return withAxis(withField(view, along, field), axis, [{ length, along }]);
}

/** Both fields, and what is between them; the jump of the wider. */
export function union(a: ReceptiveField, b: ReceptiveField): ReceptiveField {
  const start = Math.min(a.start, b.start);
  const end = Math.max(a.start + a.field, b.start + b.field);
  return { field: end - start, jump: (a.field >= b.field ? a : b).jump, start };
}

/** The segments of a view's axis that lines up with axis `axis` of a tensor of `rank` axes, where it has `length` elements. */
function segmentsAt(view: View, axis: number, rank: number, length: number): readonly Segment[] {
  const segments = view.axes[axis - rank + view.axes.length] ?? [];
  return segments.reduce((product, one) => product * one.length, 1) === length ? segments : [];
}

/**
 * What is made of several tensors element by element, broadcast to `shape`: all that any of them sees. An axis runs along the input where it does in each of
 * them; where one sees all of the input's axis, so does each element of the result.
 */
export function merged(views: readonly View[], shape: Shape): View {
  const [first, ...rest] = views;
  if (!first) return { axes: shape.map(plain), fields: [] };
  const fields = rest.reduce<readonly ReceptiveField[]>(
    (all, view) => all.map((field, along) => union(field, at(view.fields, along))),
    first.fields,
  );
  const axes = shape.map((length, axis) => {
    const lists = views.map((view) => segmentsAt(view, axis, shape.length, length));
    // Those of the widest field, whose jump is the union's.
    const followed = lists.reduce<readonly Segment[] | undefined>((best, segments, index) => {
      const along = segments.find((segment) => segment.along !== undefined)?.along;
      if (along === undefined) return best;
      const fieldIn = (view: View): number => at(view.fields, along).field;
      const isWidest = views.every((view) => fieldIn(view) <= fieldIn(at(views, index)));
      return isWidest || !best ? segments : best;
    }, undefined);
    const isIn = (along: number | undefined): boolean =>
      lists.every((segments) => segments.some((segment) => segment.along === along));
    return followed?.map((segment) => (isIn(segment.along) ? segment : { ...segment, along: undefined }));
  });
  return { axes: axes.map((segments, axis) => segments ?? plain(at(shape, axis))), fields };
}

/** The view of the same elements in another shape. */
export function reshaped(view: View, shape: Shape): View {
  const queue = view.axes.flat().filter(({ length, along }) => length !== 1 || along !== undefined);
  let result = view;
  const axes = shape.map((length) => {
    const segments: Segment[] = [];
    let left = length;
    while (queue[0] && (left > 1 || (segments.length === 0 && queue[0].length === 1))) {
      const { length: next, along } = queue[0];
      if (left % next === 0) {
        segments.push({ length: next, along });
        queue.shift();
        left /= next;
        continue;
      }
      if (next % left !== 0) return undefined;
      // The slower part keeps running along the input; each of its places now stands for several.
      if (along !== undefined) {
        const { field, jump, start } = at(result.fields, along);
        const inner = next / left;
        result = withField(result, along, { field: field + (inner - 1) * jump, jump: jump * inner, start });
      }
      segments.push({ length: left, along });
      queue[0] = { length: next / left, along: undefined };
      left = 1;
    }
    return left === 1 ? (segments.length > 0 ? segments : plain(length)) : undefined;
  });
  const known = axes.flatMap((segments) => (segments ? [segments] : []));
  return known.length === axes.length ? { ...result, axes: known } : { ...collapsed(view), axes: shape.map(plain) };
}

/** All elements see all: what is said of an op that nothing is known of. */
export function mixed(views: readonly View[], shape: Shape): View {
  const { fields } = merged(
    views.map((view) => collapsed(view)),
    [],
  );
  return { axes: shape.map(plain), fields };
}

/** The views' axes that line up with those of a tensor of more axes. */
export function aligned(view: View, rank: number): View {
  return { ...view, axes: [...range(rank - view.axes.length).map(() => plain(1)), ...view.axes] };
}
