// Max pooling of a row of windows with stride 1 or 2, from registers alone: the largest of the window's rows, four columns at a time, is loaded once, and
// what lies between two vectors is shuffled together. With stride 2 even and odd columns are streams of their own.
import { at } from "@stria/core";
import { storeVector } from "../loops/access.ts";
import type { Push, VectorMath } from "../loops/vector.ts";
import type { Local } from "../wasm/function.ts";
import type { WindowSpec } from "./max-pool-windows.ts";

/** Columns of a row of windows. */
interface StreamSpec {
  readonly width: number;
  readonly places: number;
  readonly taps: number;
  readonly stride: 1 | 2;
  readonly before: number;
}

/** The last axis as streams, where it has them: stride 1 or 2, no gaps, and windows that are not too wide. */
export function streamsOf({ input, output, kernel, stride, dilation, before }: WindowSpec): StreamSpec | undefined {
  const last = input.length - 1;
  const [taps, step] = [at(kernel, last), at(stride, last)];
  if ((step !== 1 && step !== 2) || (at(dilation, last) !== 1 && taps > 1) || taps > mostTaps) return undefined;
  return { width: at(input, last), places: at(output, last), taps, stride: step, before: at(before, last) };
}

const mostTaps = 7;
/** Vectors of the output that are computed without a loop, at most; and in one turn of a loop. */
const mostStraight = 6;
const unroll = 4;

/**
 * Writes the places of one row of windows to `target`, from the rows that it sees. All pointers are moved on. Pushes whether there may have been a NaN, which
 * makes what was written wrong: to look at the sum of all numbers is cheaper than at each.
 */
export function emitStreams(math: VectorMath, spec: StreamSpec, rows: readonly Local[], target: Local): void {
  const { f } = math;
  const sums = Array.from({ length: spec.stride }, () => f.local("v128"));
  for (const sum of sums) f.v128([0, 0, 0, 0]).set(sum);
  const pushLargest = (values: readonly Push[]): void => {
    values.forEach((value, index) => {
      value();
      if (index > 0) f.op("f32x4.pmax");
    });
  };
  const { width, places, taps, stride, before } = spec;
  const nothing = math.float(-Infinity);
  const vectors = Math.ceil(places / 4);
  /** Where each element of the window lies from the first place of a vector of the output: stream, and places in it. */
  const elements = Array.from({ length: taps }, (_, tap) => {
    const column = tap - before;
    const stream = stride === 1 ? 0 : column & 1;
    return { stream, place: (column - stream) / stride };
  });
  const reaches = elements.map(({ place }) => [Math.floor(place / 4), Math.ceil(place / 4)] as const);
  const lowest = Math.min(...reaches.map(([low]) => low));
  const highest = Math.max(...reaches.map(([, high]) => high));

  /** Pushes the largest of the rows at four columns, counted from where the rows point to; `column` is their number in the row. */
  const pushColumns = (column: number, offset: number, sum: Local): void => {
    const inside = Math.min(4, width - column);
    if (column < 0 || inside <= 0) return nothing();
    const lanes = [0, 1, 2, 3].map((lane) => (lane < inside ? -1 : 0));
    const values = rows.map((row) => {
      f.get(row).memory("v128.load", offset * 4);
      if (inside < 4) {
        nothing();
        f.v128([at(lanes, 0), at(lanes, 1), at(lanes, 2), at(lanes, 3)]).op("v128.bitselect");
      }
      const value = f.local("v128");
      f.set(value);
      return math.read(value);
    });
    math.add(
      math.read(sum),
      values.reduce((all, value) => math.add(all, value)),
    )();
    f.set(sum);
    pushLargest(values);
  };
  /** Locals of the streams' vectors, by their number. */
  type Held = ReadonlyMap<number, readonly Local[]>;
  /** Loads a vector of each stream; `first` is the number that the rows point to. */
  const load = (vector: number, first: number): Local[] => {
    const made = Array.from({ length: stride }, () => f.local("v128"));
    const pieces = Array.from({ length: stride }, (_, piece) => {
      const column = (vector * stride + piece) * 4;
      pushColumns(column, column - first * stride * 4, at(sums, piece));
      const local = f.local("v128");
      f.set(local);
      return local;
    });
    const [left, right] = pieces;
    made.forEach((stream, index) => {
      if (left === undefined) return;
      f.get(left);
      if (right !== undefined) f.get(right).shuffle(index, index + 2, index + 4, index + 6);
      f.set(stream);
    });
    return made;
  };
  const store = (vector: number, offset: number, held: Held): void => {
    const loads = elements.map(({ stream, place }): Push => {
      const [low, rest] = [Math.floor(place / 4), place & 3];
      const of = (number: number): Local => at(held.get(vector + number) ?? [], stream);
      return () => {
        f.get(of(low));
        if (rest > 0) f.get(of(low + 1)).shuffle(rest, rest + 1, rest + 2, rest + 3);
      };
    });
    const lanes = Math.min(4, places - vector * 4);
    storeVector(f, "float32", target, 1, lanes, () => pushLargest(loads), offset * 16);
  };
  /** Vectors `from` to `to` of the output, without a loop; the pointers point to `first`. Returns what is held afterwards. */
  const straight = (from: number, to: number, first: number, known: Held): Held => {
    const held = new Map(known);
    for (let vector = from; vector < to; vector++) {
      for (let number = vector + lowest; number <= vector + highest; number++)
        if (!held.has(number)) held.set(number, load(number, first));
      store(vector, vector - first, held);
    }
    return held;
  };
  const move = (count: number): void => {
    for (const row of rows)
      f.get(row)
        .i32(count * stride * 16)
        .op("i32.add")
        .set(row);
    f.get(target)
      .i32(count * 16)
      .op("i32.add")
      .set(target);
  };
  const pushDoubt = (): void => {
    const sum = math.keep(sums.map((local) => math.read(local)).reduce((a, b) => math.add(a, b)));
    math.op("f32x4.ne", sum, sum)();
    f.op("v128.any_true");
  };
  if (vectors <= mostStraight) {
    straight(0, vectors, 0, new Map());
    return pushDoubt();
  }
  // The loop goes over what reads whole vectors inside the row and writes whole ones.
  const begin = Math.max(0, -lowest);
  const inside = Math.floor(width / (4 * stride)) - highest;
  const turns = Math.max(0, Math.floor((Math.min(inside, Math.floor(places / 4)) - begin) / unroll));
  const end = begin + turns * unroll;
  const early = straight(0, begin, 0, new Map());
  const carried = Array.from({ length: highest - lowest }, (_, index) => begin + lowest + index);
  const held = new Map(early);
  for (const number of carried) if (!held.has(number)) held.set(number, load(number, 0));
  // Locals of their own, which the loop writes again.
  const loop = new Map(
    carried.map((number) => [
      number,
      (held.get(number) ?? []).map((local) => {
        const own = f.local("v128");
        f.get(local).set(own);
        return own;
      }),
    ]),
  );
  move(begin);
  if (turns > 0) {
    const left = f.local("i32");
    f.i32(turns).set(left);
    f.loop(() => {
      const after = straight(begin, begin + unroll, begin, loop);
      for (const [number, locals] of loop)
        locals.forEach((local, stream) => f.get(at(after.get(number + unroll) ?? [], stream)).set(local));
      move(unroll);
      f.get(left).i32(1).op("i32.sub").tee(left).branchIf(0);
    });
  }
  straight(end, vectors, end, new Map([...loop].map(([number, locals]) => [number + turns * unroll, locals])));
  pushDoubt();
}
