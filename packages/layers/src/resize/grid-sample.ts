// Sampling an image at places that a grid names, as spatial transformers do (Jaderberg et al. 2015). Differentiable by image and grid.
import {
  ShapeError,
  type Tensor,
  add,
  at,
  cast,
  floor,
  greaterEqual,
  iota,
  lessEqual,
  logicalAnd,
  maximum,
  minimum,
  mul,
  reshape,
  round,
  showShape,
  sizeOf,
  sub,
  take,
  transpose,
  where,
  zeros,
} from "@stria/core";
import { range, take as part } from "../axes.ts";
import { wordOf } from "../check-options.ts";
import { clamp } from "../clamp.ts";

export interface GridSampleOptions {
  /** Default "linear": bilinear, trilinear. */
  readonly mode?: "linear" | "nearest" | "cubic";
  /** What is beyond the image: zeros, the nearest border, or the mirror image. Default "zeros". */
  readonly padding?: "zeros" | "border" | "reflection";
  /** Whether -1 and 1 are the centers of the border elements, rather than their outer edges. Default false. */
  readonly alignCorners?: boolean;
}

/** A place along one axis: an element's number, and its weight where it is not 1. */
interface Tap {
  readonly index: Tensor;
  readonly weight: Tensor | undefined;
}

/** Mirrored at `low` and `high` until it is between them. */
function mirrored(x: Tensor, low: number, high: number): Tensor {
  const span = high - low;
  if (span <= 0) return mul(x, 0);
  const distance = sub(x, low).abs();
  const times = floor(mul(distance, 1 / span));
  const rest = sub(distance, mul(times, span));
  const isEven = sub(times, mul(floor(mul(times, 0.5)), 2)).equal(0);
  return add(where(isEven, rest, sub(span, rest)), low);
}

/** A place in elements, brought inside the image where the padding says so. */
function inside(place: Tensor, length: number, { padding = "zeros", alignCorners = false }: GridSampleOptions): Tensor {
  if (padding === "zeros") return place;
  const moved =
    padding === "border" ? place : mirrored(place, alignCorners ? 0 : -0.5, alignCorners ? length - 1 : length - 0.5);
  return clamp(moved, 0, length - 1);
}

/** Keys' cubic kernel (1981), a = -0.75, for distances up to 1 and from 1 to 2. */
function cubicWeights(t: Tensor): Tensor[] {
  const a = -0.75;
  const near = (x: Tensor): Tensor => add(mul(mul(sub(mul(x, a + 2), a + 3), x), x), 1);
  const far = (x: Tensor): Tensor => mul(sub(mul(add(mul(sub(x, 5), x), 8), x), 4), a);
  const other = sub(1, t);
  return [far(add(t, 1)), near(t), near(other), far(add(other, 1))];
}

/** The elements along one axis that a coordinate from -1 to 1 draws on. */
function tapsOf(coordinate: Tensor, length: number, options: GridSampleOptions): Tap[] {
  const { mode = "linear", alignCorners = false } = options;
  const place = alignCorners
    ? mul(add(coordinate, 1), (length - 1) / 2)
    : sub(mul(add(coordinate, 1), length / 2), 0.5);
  if (mode === "nearest") return [{ index: round(inside(place, length, options)), weight: undefined }];
  if (mode === "linear") {
    const moved = inside(place, length, options);
    const first = floor(moved);
    const share = sub(moved, first);
    return [
      { index: first, weight: sub(1, share) },
      { index: add(first, 1), weight: share },
    ];
  }
  const first = floor(place);
  return cubicWeights(sub(place, first)).map((weight, index) => ({
    index: inside(add(first, index - 1), length, options),
    weight,
  }));
}

function allChoices(axes: readonly (readonly Tap[])[]): Tap[][] {
  return axes.reduce<Tap[][]>((all, taps) => all.flatMap((chosen) => taps.map((tap) => [...chosen, tap])), [[]]);
}

function checkShapes(x: Tensor, grid: Tensor): void {
  const count = x.rank - 2;
  if (count < 1 || grid.rank !== x.rank || grid.shape.at(-1) !== count || grid.shape[0] !== x.shape[0])
    throw new ShapeError(
      "gridSample",
      `the input is ${showShape(x.shape)}, the grid ${showShape(grid.shape)}`,
      "give [N, C, ...spatial] and [N, ...output, number of spatial axes]",
    );
  if (x.size === 0) throw new ShapeError("gridSample", `the input ${showShape(x.shape)} is empty`, "give an image");
}

/**
 * x [N, C, ...in] at the places of grid [N, ...out, axes]: [N, C, ...out]. A place has a coordinate for each axis, the last axis (width) first,
 * from -1 at the start to 1 at the end. As PyTorch's `grid_sample`.
 * @throws ShapeError where the two do not go together.
 */
export function gridSample(x: Tensor, grid: Tensor, options: GridSampleOptions = {}): Tensor {
  const { mode = "linear", padding = "zeros" } = options;
  wordOf("gridSample", "mode", mode, { linear: 1, nearest: 1, cubic: 1 });
  wordOf("gridSample", "padding", padding, { zeros: 1, border: 1, reflection: 1 });
  checkShapes(x, grid);
  const [batch, channels, spatial] = [at(x.shape, 0), at(x.shape, 1), x.shape.slice(2)];
  const output = grid.shape.slice(1, -1);
  const [places, count] = [sizeOf(spatial), batch * sizeOf(output)];
  const axes = range(spatial.length);
  const rows = reshape(transpose(x, [0, ...axes.map((axis) => axis + 2), 1]), [batch * places, channels]);
  // For each place the row at which its example begins.
  const example = reshape(mul(iota([batch, sizeOf(output)], 0, "int32"), places), [count]);
  const taps = axes.map((axis) =>
    tapsOf(reshape(part(grid, grid.rank - 1, spatial.length - 1 - axis, 1), [count]), at(spatial, axis), options),
  );
  const column = (one: Tensor): Tensor => reshape(one, [count, 1]);
  const total = allChoices(taps).reduce<Tensor | undefined>((sum, chosen) => {
    let row = example;
    let weight: Tensor | undefined;
    let isInside: Tensor | undefined;
    for (const [axis, tap] of chosen.entries()) {
      const last = at(spatial, axis) - 1;
      const valid = logicalAnd(greaterEqual(tap.index, 0), lessEqual(tap.index, last));
      isInside = isInside ? logicalAnd(isInside, valid) : valid;
      const index = minimum(maximum(cast(tap.index, "int32"), 0), last);
      row = add(row, mul(index, sizeOf(spatial.slice(axis + 1))));
      if (tap.weight) weight = weight ? mul(weight, tap.weight) : tap.weight;
    }
    const values = take(rows, row, 0);
    const weighted = weight ? mul(values, column(weight)) : values;
    const kept = isInside ? where(column(isInside), weighted, 0) : weighted;
    return sum ? add(sum, kept) : kept;
  }, undefined);
  const found = reshape(total ?? zeros([count, channels]), [batch, ...output, channels]);
  return transpose(found, [0, output.length + 1, ...output.map((_, axis) => axis + 1)]);
}
