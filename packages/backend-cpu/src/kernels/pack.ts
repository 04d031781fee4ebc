// Packers: they copy one panel of an operand into the order in which the micro-kernel reads it, `[step along K][row or column]`. An element lies at
// `base + across[i] + along[k]`, offsets in bytes from two tables; so matrices, their transposes, and the patches of a convolution are the same thing.
import type { ModuleBuilder } from "../wasm/assembler.ts";
import { namedLocals } from "./kernel.ts";
import type { FunctionBuilder, Local } from "../wasm/function.ts";

/** Whether neighbours in memory are mostly neighbours across the panel, or along K. Decides the loop that is fast; both are right for any tables. */
export type PackDirection = "across" | "along";

/**
 * Emits `(base, across, along, depth, destination)`: packs `width` rows or columns, whose offsets start at `across`, over `depth` steps along K,
 * whose offsets start at `along`.
 */
export function emitPacker(module: ModuleBuilder, width: number, direction: PackDirection): FunctionBuilder {
  return module.function("", ["i32", "i32", "i32", "i32", "i32"], [], (f) => {
    if (direction === "across") packAcross(f, width);
    else packAlong(f, width);
  });
}

const [base, across, along, depth, destination] = [0, 1, 2, 3, 4];

/** Groups of 4, 2 and 1 that make up `width`. */
function groups(width: number): { start: number; size: number }[] {
  const list: { start: number; size: number }[] = [];
  for (let start = 0; start < width;) {
    const size = width - start >= 4 ? 4 : width - start >= 2 ? 2 : 1;
    list.push({ start, size });
    start += size;
  }
  return list;
}

/** Pushes whether `size` (4 or 2) table entries from `start` are neighbours in memory, in order. */
export function pushContiguous(f: FunctionBuilder, table: Local, start: number, size: number): void {
  const offset = start * 4;
  if (size === 2) {
    f.get(table)
      .memory("i32.load", offset + 4)
      .get(table)
      .memory("i32.load", offset)
      .op("i32.sub")
      .i32(4)
      .op("i32.eq");
    return;
  }
  f.get(table)
    .memory("v128.load", offset)
    .get(table)
    .memory("v128.load32_splat", offset)
    .op("i32x4.sub")
    .v128([0, 4, 8, 12])
    .op("i32x4.eq", "i32x4.all_true");
}

/** Pushes whether `size` (a multiple of 4) table entries from the first are neighbours in memory, in order. */
export function pushRun(f: FunctionBuilder, table: Local, size: number): void {
  for (let first = 0; first < size; first += 4) {
    f.get(table)
      .memory("v128.load", first * 4)
      .get(table)
      .memory("v128.load32_splat")
      .op("i32x4.sub");
    f.v128([first * 4, first * 4 + 4, first * 4 + 8, first * 4 + 12]).op("i32x4.eq");
    if (first > 0) f.op("v128.and");
  }
  f.op("i32x4.all_true");
}

function packAcross(f: FunctionBuilder, width: number): void {
  const step = f.local("i32");
  const end = f.local("i32");
  const target = f.local("i32");
  const offset = f.local("i32");
  const source = Array.from({ length: 4 }, () => f.local("i32"));
  const [first = 0, , , last = 0] = source;
  const { value, isFirst, isLast } = namedLocals(f, "v128", ["value", "isFirst", "isLast"]);
  f.get(along).plus(depth, 4).set(end);
  const loop = (body: () => void): void => {
    f.get(along).set(step).get(destination).set(target);
    f.block(() =>
      f.loop(() => {
        f.get(step).get(end).op("i32.ge_u").branchIf(1);
        f.get(step).memory("i32.load").set(offset);
        body();
        f.get(target)
          .i32(width * 4)
          .op("i32.add")
          .set(target);
        f.get(step).i32(4).op("i32.add").set(step).branch(0);
      }),
    );
  };
  // All in one run: every line of memory is read once, which matters where they are far apart.
  if (width > 4 && width % 4 === 0) {
    const vectors = width / 4;
    pushRun(f, across, width);
    f.if(() => {
      f.get(base).get(across).memory("i32.load").op("i32.add").set(first);
      loop(() => {
        f.get(first).get(offset).op("i32.add").set(offset);
        for (let vector = 0; vector < vectors; vector++)
          f.get(target)
            .get(offset)
            .memory("v128.load", vector * 16)
            .memory("v128.store", vector * 16);
      });
      f.op("return");
    });
  }
  for (const { start, size } of groups(width)) {
    const scalars = (): void =>
      loop(() => {
        for (let i = 0; i < size; i++) {
          f.get(target)
            .get(source[i] ?? 0)
            .get(offset)
            .op("i32.add")
            .memory("f32.load");
          f.memory("f32.store", (start + i) * 4);
        }
      });
    for (let i = 0; i < size; i++)
      f.get(base)
        .get(across)
        .memory("i32.load", (start + i) * 4)
        .op("i32.add")
        .set(source[i] ?? 0);
    if (size === 1) {
      scalars();
      continue;
    }
    if (size === 2) {
      pushContiguous(f, across, start, size);
      f.if(
        () =>
          loop(() =>
            f
              .get(target)
              .get(first)
              .get(offset)
              .op("i32.add")
              .memory("v128.load64_zero")
              .laneMemory("v128.store64_lane", 0, start * 4),
          ),
        scalars,
      );
      continue;
    }
    // Which of the four continue the run of the first, and which lead up to the last: a row of patches that ends inside a group makes two runs.
    const runOf = (lane: number, mask: Local): void => {
      f.get(across)
        .memory("v128.load", start * 4)
        .get(across)
        .memory("v128.load32_splat", (start + lane) * 4)
        .op("i32x4.sub");
      f.v128([-4 * lane, 4 - 4 * lane, 8 - 4 * lane, 12 - 4 * lane])
        .op("i32x4.eq")
        .set(mask);
    };
    runOf(0, isFirst);
    runOf(3, isLast);
    const loadFirst = (): FunctionBuilder => f.get(first).get(offset).op("i32.add").memory("v128.load");
    f.get(isFirst)
      .op("i32x4.all_true")
      .if(
        () =>
          loop(() => {
            loadFirst().set(value);
            f.get(target)
              .get(value)
              .memory("v128.store", start * 4);
          }),
        () => {
          f.get(isFirst)
            .get(isLast)
            .op("v128.or", "i32x4.all_true")
            .if(() => {
              f.get(last).i32(12).op("i32.sub").set(last);
              loop(() => {
                loadFirst();
                f.get(last).get(offset).op("i32.add").memory("v128.load").get(isFirst).op("v128.bitselect").set(value);
                f.get(target)
                  .get(value)
                  .memory("v128.store", start * 4);
              });
            }, scalars);
        },
      );
  }
}

function packAlong(f: FunctionBuilder, width: number): void {
  const step = f.local("i32");
  const end = f.local("i32");
  const blockEnd = f.local("i32");
  const target = f.local("i32");
  const offset = f.local("i32");
  const rows = Array.from({ length: width }, () => f.local("i32"));
  const x = Array.from({ length: 8 }, () => f.local("v128"));
  const [x0 = 0, x1 = 0, x2 = 0, x3 = 0, x4 = 0, x5 = 0, x6 = 0, x7 = 0] = x;
  rows.forEach((row, i) =>
    f
      .get(base)
      .get(across)
      .memory("i32.load", i * 4)
      .op("i32.add")
      .set(row),
  );
  const rowAddress = (i: number): FunctionBuilder =>
    f
      .get(rows[i] ?? 0)
      .get(offset)
      .op("i32.add");
  const transposeFour = (start: number): void => {
    [x0, x1, x2, x3].forEach((vector, i) =>
      rowAddress(start + i)
        .memory("v128.load")
        .set(vector),
    );
    f.get(x0).get(x1).shuffle(0, 4, 1, 5).set(x4).get(x2).get(x3).shuffle(0, 4, 1, 5).set(x5);
    f.get(x0).get(x1).shuffle(2, 6, 3, 7).set(x6).get(x2).get(x3).shuffle(2, 6, 3, 7).set(x7);
    f.get(target)
      .get(x4)
      .get(x5)
      .shuffle(0, 1, 4, 5)
      .memory("v128.store", start * 4);
    f.get(target)
      .get(x4)
      .get(x5)
      .shuffle(2, 3, 6, 7)
      .memory("v128.store", (width + start) * 4);
    f.get(target)
      .get(x6)
      .get(x7)
      .shuffle(0, 1, 4, 5)
      .memory("v128.store", (2 * width + start) * 4);
    f.get(target)
      .get(x6)
      .get(x7)
      .shuffle(2, 3, 6, 7)
      .memory("v128.store", (3 * width + start) * 4);
  };
  const transposeTwo = (start: number): void => {
    rowAddress(start).memory("v128.load").set(x0);
    rowAddress(start + 1)
      .memory("v128.load")
      .set(x1);
    f.get(x0).get(x1).shuffle(0, 4, 1, 5).set(x2).get(x0).get(x1).shuffle(2, 6, 3, 7).set(x3);
    for (let k = 0; k < 4; k++)
      f.get(target)
        .get(k < 2 ? x2 : x3)
        .laneMemory("v128.store64_lane", k & 1, (k * width + start) * 4);
  };
  const copyOne = (row: number): void => {
    rowAddress(row).memory("v128.load").set(x0);
    for (let k = 0; k < 4; k++)
      f.get(target)
        .get(x0)
        .laneMemory("v128.store32_lane", k, (k * width + row) * 4);
  };
  const oneStep = (): void => {
    f.get(step).memory("i32.load").set(offset);
    for (let i = 0; i < width; i++) {
      f.get(target);
      rowAddress(i)
        .memory("f32.load")
        .memory("f32.store", i * 4);
    }
    f.get(step).i32(4).op("i32.add").set(step);
    f.get(target)
      .i32(width * 4)
      .op("i32.add")
      .set(target);
  };
  f.get(along).set(step).get(destination).set(target);
  f.get(along).plus(depth, 4).set(end);
  f.block(() =>
    f.loop(() => {
      f.get(step).get(end).op("i32.ge_u").branchIf(1);
      f.get(step)
        .i32(16)
        .op("i32.add")
        .tee(blockEnd)
        .get(end)
        .op("i32.le_u")
        .if(() => {
          pushContiguous(f, step, 0, 4);
          f.if(() => {
            f.get(step).memory("i32.load").set(offset);
            for (const { start, size } of groups(width)) {
              if (size === 4) transposeFour(start);
              else if (size === 2) transposeTwo(start);
              else copyOne(start);
            }
            f.get(blockEnd).set(step);
            f.get(target)
              .i32(width * 16)
              .op("i32.add")
              .set(target)
              .branch(2);
          });
        });
      oneStep();
      f.branch(0);
    }),
  );
}
