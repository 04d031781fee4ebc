// Reshaping, reordering, cutting, joining, repeating; constants.
import {
  type Tensor,
  argMax,
  argMin,
  at,
  broadcastTo,
  cast,
  concat,
  flatten,
  flip,
  iota,
  less,
  lessEqual,
  reshape,
  slice,
  transpose,
  where,
} from "@stria/core";
import type { Arguments } from "../arguments.ts";
import { fromZero, moveAxis, pick, pieces, range, stack, swapAxes, take, unsqueeze } from "./axes.ts";
import type { Call, CallTable, ExpressionTable } from "./call.ts";
import { constantCalls } from "./constants.ts";
import { indexingCalls } from "./indexing.ts";
import { padLastAxes } from "./padding.ts";

/** Elements `start`, `start + step`, ... below `end`; negative places count from the end, as in Python. */
function sliced(x: Tensor, starts: readonly number[], ends: readonly number[], steps: readonly number[]): Tensor {
  const inside = (place: number, length: number): number =>
    Math.min(Math.max(place < 0 ? place + length : place, 0), length);
  const start = x.shape.map((length, axis) => inside(starts[axis] ?? 0, length));
  const stride = x.shape.map((_, axis) => steps[axis] ?? 1);
  const size = x.shape.map((length, axis) =>
    Math.max(0, Math.ceil((inside(ends[axis] ?? length, length) - at(start, axis)) / at(stride, axis))),
  );
  return slice(x, start, size, stride);
}

function tile(x: Tensor, repeats: readonly number[]): Tensor {
  const rank = Math.max(x.rank, repeats.length);
  const shape = [...range(rank - x.rank).map(() => 1), ...x.shape];
  const counts = [...range(rank - repeats.length).map(() => 1), ...repeats];
  let tiled = reshape(x, shape);
  for (const [axis, count] of counts.entries())
    if (count !== 1)
      tiled = concat(
        range(count).map(() => tiled),
        axis,
      );
  return tiled;
}

function roll(x: Tensor, shift: number, axis: number): Tensor {
  const length = at(x.shape, fromZero(axis, x.rank));
  const back = ((shift % length) + length) % length;
  return back === 0 ? x : concat([take(x, axis, length - back, back), take(x, axis, 0, length - back)], axis);
}

function rotate(x: Tensor, quarters: number, [first, second]: readonly [number, number]): Tensor {
  switch (((quarters % 4) + 4) % 4) {
    case 1:
      return flip(swapAxes(x, first, second), first);
    case 2:
      return flip(x, [first, second]);
    case 3:
      return swapAxes(flip(x, first), first, second);
    default:
      return x;
  }
}

function split(x: Tensor, size: number | readonly number[], axis: number): Tensor[] {
  const along = fromZero(axis, x.rank);
  const length = at(x.shape, along);
  const sizes =
    typeof size === "number"
      ? range(Math.ceil(length / size)).map((index) => Math.min(size, length - index * size))
      : size;
  return pieces(x, along, sizes);
}

/** Keeps what lies on one side of a diagonal of the last two axes. */
function triangle(upper: boolean): Call {
  return (given) => {
    const [x, diagonal] = [given.tensor(), given.number("diagonal", 0)];
    const shape = x.shape.slice(-2);
    const [row, column] = [iota(shape, 0), iota(shape, 1)];
    const distance = column.sub(row);
    return where(upper ? lessEqual(diagonal, distance) : lessEqual(distance, diagonal), x, 0);
  };
}

function extremePlace(find: typeof argMax): Call {
  return (given) => {
    const axis = given.axes("dim");
    const keepDims = given.flag("keepdim", false);
    const x = given.tensor();
    return typeof axis === "number" ? find(x, axis, { keepDims }) : find(flatten(x), 0);
  };
}

function squeeze(given: Arguments): Tensor {
  const [x, dims] = [given.tensor(), given.axes("dim")];
  const chosen =
    dims === undefined
      ? range(x.rank)
      : (typeof dims === "number" ? [dims] : dims).map((axis) => fromZero(axis, x.rank));
  return reshape(
    x,
    x.shape.filter((length, axis) => length !== 1 || !chosen.includes(axis)),
  );
}

const plainCalls: CallTable = {
  "torch.reshape": (given) => reshape(given.tensor(), given.numbers("shape")),
  "torch.permute": (given) => transpose(given.tensor(), given.numbers("dims")),
  "torch.transpose": (given) => swapAxes(given.tensor(), given.number("dim0"), given.number("dim1")),
  "torch.movedim": (given) => moveAxis(given.tensor(), given.number("source"), given.number("destination")),
  "torch.flip": (given) => flip(given.tensor(), given.numbers("dims")),
  "torch.rot90": (given) => {
    const x = given.tensor();
    const [first = 0, second = 1] = given.has("dims") ? given.numbers("dims") : [0, 1];
    return rotate(x, given.number("k", 1), [fromZero(first, x.rank), fromZero(second, x.rank)]);
  },
  "torch.select": (given) => pick(given.tensor(), given.number("dim"), given.number("index")),
  "torch.narrow": (given) => take(given.tensor(), given.number("dim"), given.number("start"), given.number("length")),
  "torch.cat": (given) => concat(given.tensors(), given.number("dim", 0)),
  "torch.stack": (given) => stack(given.tensors(), given.number("dim", 0)),
  "torch.split": (given) =>
    split(given.tensor("tensor"), given.perAxis("split_size_or_sections"), given.number("dim", 0)),
  "torch.chunk": (given) => {
    const [x, axis] = [given.tensor(), given.number("dim", 0)];
    return split(x, Math.ceil(at(x.shape, fromZero(axis, x.rank)) / given.number("chunks")), axis);
  },
  "torch.unbind": (given) => {
    const [x, axis] = [given.tensor(), given.number("dim", 0)];
    return range(at(x.shape, fromZero(axis, x.rank))).map((index) => pick(x, axis, index));
  },
  "torch.nn.functional.pad": (given) => {
    const mode = given.text("mode", "constant");
    return (
      padLastAxes(given.tensor(), given.numbers("pad"), mode, given.number("value", 0)) ??
      given.unsupported(`with mode "${mode}"`)
    );
  },
  "torch.roll": (given) => {
    const x = given.tensor();
    const [shifts, dims] = [given.numbers("shifts"), given.axes("dims")];
    if (dims === undefined) return reshape(roll(flatten(x), at(shifts, 0), 0), x.shape);
    return (typeof dims === "number" ? [dims] : dims).reduce(
      (rolled, axis, index) => roll(rolled, at(shifts, index), axis),
      x,
    );
  },
  "torch.tile": (given) => tile(given.tensor(), given.numbers("dims")),
  "torch.repeat_interleave": (given) => {
    const whole = given.tensor();
    const [count, dim] = [given.number("repeats"), given.axes("dim")];
    const x = dim === undefined ? flatten(whole) : whole;
    const axis = typeof dim === "number" ? fromZero(dim, x.rank) : 0;
    const apart = unsqueeze(x, axis + 1);
    return reshape(
      broadcastTo(apart, apart.shape.with(axis + 1, count)),
      x.shape.with(axis, at(x.shape, axis) * count),
    );
  },
  "torch.squeeze": squeeze,
  "torch.unsqueeze": (given) => unsqueeze(given.tensor(), given.number("dim")),
  "torch.flatten": (given) => {
    const x = given.tensor();
    const [start, end] = [
      fromZero(given.number("start_dim", 0), x.rank),
      fromZero(given.number("end_dim", -1), x.rank),
    ];
    const merged = x.shape.slice(start, end + 1).reduce((product, length) => product * length, 1);
    return reshape(x, [...x.shape.slice(0, start), merged, ...x.shape.slice(end + 1)]);
  },
  "torch.unflatten": (given) => {
    const x = given.tensor();
    return reshape(x, x.shape.toSpliced(fromZero(given.number("dim"), x.rank), 1, ...given.numbers("sizes")));
  },
  "torch.masked_fill": (given) => where(given.tensor("mask"), given.number("value"), given.tensor()),
  "torch.triu": triangle(true),
  "torch.tril": triangle(false),
  "torch.argmax": extremePlace(argMax),
  "torch.argmin": extremePlace(argMin),
  "torch.cumsum": (given) => {
    // Element k of the sum takes what is at k and before it: a product with a triangle of ones.
    const x = given.tensor();
    const axis = fromZero(given.number("dim"), x.rank);
    const length = at(x.shape, axis);
    const earlier = cast(less(iota([length, length], 0), iota([length, length], 1).add(1)), "float32");
    const rows = moveAxis(x, axis, -1);
    const sums = reshape(rows, [-1, length]).matmul(earlier);
    return moveAxis(reshape(sums, rows.shape), -1, axis);
  },
};

export const shapeCalls: CallTable = { ...plainCalls, ...indexingCalls, ...constantCalls };

export const shapeExpressions: ExpressionTable = {
  slice: [
    {
      expression: "input[tuple(slice(b, e, s) for b, e, s in zip(starts, ends, steps))]",
      answer: (given) => sliced(given.tensor(), given.numbers("starts"), given.numbers("ends"), given.numbers("steps")),
    },
  ],
  expand: [
    {
      expression: "input.expand(size)",
      answer(given) {
        const [x, size] = [given.tensor(), given.numbers("size")];
        const lead = size.length - x.rank;
        return broadcastTo(
          x,
          size.map((length, axis) => (length === -1 ? at(x.shape, axis - lead) : length)),
        );
      },
    },
  ],
  "torch.meshgrid": [
    {
      expression: "torch.meshgrid(*tensors, indexing=indexing)",
      answer(given) {
        const tensors = given.tensors();
        const indexing = given.text("indexing", "ij");
        const shape = tensors.map((tensor) => tensor.size);
        const grids = tensors.map((tensor, axis) =>
          broadcastTo(
            reshape(
              tensor,
              shape.map((_, other) => (other === axis ? tensor.size : 1)),
            ),
            shape,
          ),
        );
        // With "xy" the first tensor runs along columns.
        return indexing === "xy" && grids.length > 1 ? grids.map((grid) => swapAxes(grid, 0, 1)) : grids;
      },
    },
  ],
};
