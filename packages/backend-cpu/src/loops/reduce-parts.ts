// A sum across results in parts: each unit sums up one part of the rows, in float64, some rows at a time, so that memory is read once and in order
// however many results there are.
import { at, bytesOf } from "@stria/core";
import { kernelBegin, kernelEnd, kernelScratch } from "../kernels/kernel.ts";
import { emitTouch } from "../kernels/channels-last/touch.ts";
import type { ModuleBuilder } from "../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import { loadVector } from "./access.ts";
import { evaluate } from "./evaluate.ts";
import { byteStride, Offsets } from "./nest.ts";
import { eachRun } from "./runs.ts";
import { loadBases, nestLoops, type ReduceSpec } from "./reduce-spec.ts";
import { VectorMath } from "./vector.ts";

/** Vectors of partial results at most. */
const mostSums = 8;
/** Bytes of all operands in the rows that are gone over once for each block of results: they stay in the first cache. */
const tileBytes = 65536;
/** Terms that are added up in float32 before the sum goes on in float64. */
const mostRows = 128;

/** Bytes of the sums of all parts: [parts, results, width] in float64. */
export function partBytes({ parts, results, kept }: ReduceSpec): number {
  return parts * results.length * at(kept, 0) * 8;
}

function rowsInTile({ kept, reduced, operands }: ReduceSpec): number {
  const inner = reduced.slice(1).reduce((product, size) => product * size, 1);
  const bytes = operands.reduce((sum, { strides, dtype }) => sum + (at(strides, 1) === 0 ? 0 : bytesOf(dtype)), 0);
  const rows = Math.floor(tileBytes / Math.max(1, bytes * at(kept, 0)));
  return Math.max(1, Math.floor(Math.max(8, Math.min(mostRows, rows)) / inner));
}

/** Results side by side: vectors from the first, and the lanes of the last that nobody else sums up. */
interface Block {
  readonly vectors: readonly number[];
  readonly lastLanes: number;
}

/** Does `body` for blocks of results, of which there are at least four. */
export function emitBlocks(
  f: FunctionBuilder,
  width: number,
  vectors: number,
  body: (block: Block, start: Local) => void,
): void {
  const start = f.local("i32");
  const step = vectors * 4;
  const whole = Math.floor(width / step) * step;
  const rest = width - whole;
  if (whole > 0)
    f.i32(0).for(
      start,
      () => f.i32(whole),
      step,
      () => body({ vectors: Array.from({ length: vectors }, (_, vector) => vector * 4), lastLanes: 4 }, start),
    );
  if (rest === 0) return;
  // The last vector is moved back to lie inside; what it has in common with the one before is left out.
  const count = Math.ceil(rest / 4);
  f.i32(whole).set(start);
  const list = Array.from({ length: count }, (_, vector) => Math.min(vector * 4, rest - 4));
  body({ vectors: list, lastLanes: rest - (count - 1) * 4 }, start);
}

/** Bytes of scratch memory, for what is found in touched memory. */
export const partScratchBytes = 64;

/** Argument words: the addresses of the operands, then of the sums of the parts, and of the table of their runs. One unit is one part. */
export function emitParts(f: FunctionBuilder, spec: ReduceSpec, module: ModuleBuilder): void {
  const { kept, reduced, operands, results } = spec;
  const v = new VectorMath(f);
  const [width, size] = [at(kept, 0), at(reduced, 0)];
  const vectors = Math.max(1, Math.min(Math.floor(mostSums / results.length), width >> 2));
  const sums = results.map(() => Array.from({ length: vectors }, () => f.local("v128")));
  const bases = loadBases(f, operands.length + (spec.byRuns ? 2 : 1));
  const inner = reduced.map((_, index) => 1 + index);
  const offsets = new Offsets(f, operands, inner);
  const [part, row, tile] = [f.local("i32"), f.local("i32"), f.local("i32")];
  const [tileEnd, first, end, target] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
  const addresses = operands.map(() => f.local("i32"));
  const point = operands.map(() => f.local("i32"));

  const addPoint = (block: Block): void => {
    point.forEach((address, index) => {
      f.get(at(addresses, index));
      if (offsets.push(index)) f.op("i32.add");
      f.set(address);
    });
    block.vectors.forEach((place, vector) => {
      const values = evaluate(v, spec.expressions, (index) => {
        const { dtype, strides } = at(operands, index);
        const distance = at(strides, 0) * place * bytesOf(dtype);
        if (distance >= 0) return loadVector(f, dtype, at(point, index), at(strides, 0), 4, distance);
        const moved = f.local("i32");
        f.get(at(point, index)).i32(distance).op("i32.add").set(moved);
        loadVector(f, dtype, moved, at(strides, 0), 4);
      });
      results.forEach((expression, index) => {
        const sum = at(at(sums, index), vector);
        v.add(v.read(sum), at(values, expression))();
        f.set(sum);
      });
    });
  };

  /** Adds the sums of one tile to those of the part, and empties them. */
  const fold = (block: Block, start: Local): void => {
    const address = f.local("i32");
    results.forEach((_, index) =>
      block.vectors.forEach((place, vector) => {
        const sum = at(at(sums, index), vector);
        const own = vector === block.vectors.length - 1 ? block.lastLanes : 4;
        const mask = [0, 1, 2, 3].map((lane) => (lane < 4 - own ? 0 : -1));
        if (own < 4)
          f.get(sum)
            .v128([at(mask, 0), at(mask, 1), at(mask, 2), at(mask, 3)])
            .op("v128.and")
            .set(sum);
        f.get(target)
          .get(start)
          .i32(index * width + place)
          .op("i32.add")
          .i32(8)
          .op("i32.mul", "i32.add")
          .tee(address);
        f.get(address).memory("v128.load").get(sum).op("f64x2.promote_low_f32x4", "f64x2.add").memory("v128.store");
        f.get(address).get(address).memory("v128.load", 16).get(sum).get(sum).shuffle(2, 3, 2, 3);
        f.op("f64x2.promote_low_f32x4", "f64x2.add").memory("v128.store", 16);
      }),
    );
  };

  const clear = (): void => {
    const place = f.local("i32");
    f.i32(0).for(
      place,
      () => f.i32(results.length * width * 8),
      8,
      () => f.get(target).get(place).op("i32.add").f64(0).memory("f64.store"),
    );
  };

  /** Operands whose rows are read in several goes: one walk over all of them comes first, which processors foresee. */
  const touched = operands.flatMap((access, index) => {
    const [step, pitch] = [at(access.strides, 0), at(access.strides, 1)];
    const suits = step === 1 && pitch >= width && pitch < 4 * width && reduced.length === 1 && width > vectors * 4;
    return suits
      ? [{ index, pitch: byteStride(access, 1), last: width * bytesOf(access.dtype) - byteStride(access, 1) }]
      : [];
  });
  const touch = touched.length > 0 ? emitTouch(module) : undefined;
  const touchRows = (): void => {
    if (touch)
      for (const { index, pitch, last } of touched) {
        f.get(at(bases, index)).plus(tile, pitch).get(at(bases, index)).plus(tileEnd, pitch).i32(last).op("i32.add");
        f.get(kernelScratch).call(touch);
      }
  };

  /** Goes over the rows of one tile, for each block of results. */
  const tileOfRows = (): void =>
    emitBlocks(f, width, vectors, (block, start) => {
      operands.forEach((access, index) => {
        f.get(at(bases, index)).plus(start, byteStride(access, 0)).set(at(addresses, index));
      });
      for (const sum of sums.flat()) f.v128([0, 0, 0, 0]).set(sum);
      offsets.reset();
      offsets.moveBy(1, tile);
      f.get(tile).for(
        row,
        () => f.get(tileEnd),
        1,
        () => {
          nestLoops(f, offsets, spec, inner.slice(1), () => addPoint(block));
          offsets.move(1, 1);
        },
      );
      fold(block, start);
    });

  const length = Math.ceil(size / spec.parts);
  const rows = rowsInTile(spec);
  /** Sets `target` to the smaller of what is on the stack and what `most` pushes. */
  const setLeast = (local: Local, most: () => void): void => {
    f.set(local).get(local);
    most();
    f.get(local);
    most();
    f.op("i32.lt_u", "select").set(local);
  };
  /** Goes over the rows from `first` to `end`. */
  const tiles = (): void =>
    void f.get(first).for(
      tile,
      () => f.get(end),
      rows,
      () => {
        f.get(tile).i32(rows).op("i32.add");
        setLeast(tileEnd, () => f.get(end));
        touchRows();
        tileOfRows();
      },
    );
  f.get(kernelBegin).for(
    part,
    () => f.get(kernelEnd),
    1,
    () => {
      f.get(at(bases, operands.length))
        .plus(part, results.length * width * 8)
        .set(target);
      clear();
      if (spec.byRuns) return eachRun(f, at(bases, operands.length + 1), part, { start: first, end }, tiles);
      f.get(part).i32(length).op("i32.mul").i32(length).op("i32.add");
      setLeast(end, () => f.i32(size));
      f.get(part).i32(length).op("i32.mul").set(first);
      tiles();
    },
  );
}
