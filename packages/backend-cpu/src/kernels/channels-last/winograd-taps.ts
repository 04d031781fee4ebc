// From planes of sums to the gradient of a weight, [outputs][channels][3][3]: the last pass of a Winograd weight gradient.
import { at } from "@stria/core";
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder } from "../../wasm/function.ts";
import type { WinogradMatrices } from "./winograd-matrices.ts";
import { betweenBytes } from "./winograd-scratch.ts";
import { transformEmitter } from "./winograd-transform.ts";

const tapBytes = 36;

/** Outputs that are done channel by channel: a cache line of a plane. */
const outputsTogether = 16;

/**
 * Emits `(planes, dw, channels, outputs, outputBytes, added, scratch)`: transforms sums back, `planeStride` bytes from plane to plane and
 * `channelPitch` from channel to channel, into the gradient, whose outputs are `outputBytes` apart; adds them to it where `added`.
 */
export function emitTaps(
  module: ModuleBuilder,
  matrices: WinogradMatrices,
  fused: boolean,
  planeStride: number,
  channelPitch: number,
): FunctionBuilder {
  const { products, outputs: size } = matrices;
  return module.function("", Array<"i32">(7).fill("i32"), [], (f) => {
    const [planes, dw, channels, outputs, outputBytes, added, scratch] = [0, 1, 2, 3, 4, 5, 6];
    const group = f.local("i32");
    const channel = f.local("i32");
    const output = f.local("i32");
    const end = f.local("i32");
    const source = f.local("i32");
    const targets = [0, 1, 2, 3].map(() => f.local("i32"));
    const rows = [0, 1, 2, 3].map(() => f.local("v128"));
    const mixed = [0, 1, 2, 3].map(() => f.local("v128"));
    const transform = transformEmitter(f, matrices.output, fused, scratch);
    const tap = (index: number): FunctionBuilder => f.get(scratch).memory("v128.load", betweenBytes + index * 16);
    /** Stores vectors of taps, `offset` bytes behind the targets; `values` are pushed one by one. */
    const store = (offset: number, values: readonly (() => void)[]): void => {
      f.get(added).if(
        () =>
          values.forEach((push, lane) => {
            f.get(at(targets, lane)).get(at(targets, lane)).memory("v128.load", offset);
            push();
            f.op("f32x4.add").memory("v128.store", offset);
          }),
        () =>
          values.forEach((push, lane) => {
            f.get(at(targets, lane));
            push();
            f.memory("v128.store", offset);
          }),
      );
    };
    /** Four taps of four outputs, turned into four outputs of four taps. */
    const four = (first: number): void => {
      rows.forEach((row, index) => tap(first + index).set(row));
      const [r0, r1, r2, r3] = [at(rows, 0), at(rows, 1), at(rows, 2), at(rows, 3)];
      const [m0, m1, m2, m3] = [at(mixed, 0), at(mixed, 1), at(mixed, 2), at(mixed, 3)];
      f.get(r0).get(r1).shuffle(0, 4, 1, 5).set(m0).get(r2).get(r3).shuffle(0, 4, 1, 5).set(m1);
      f.get(r0).get(r1).shuffle(2, 6, 3, 7).set(m2).get(r2).get(r3).shuffle(2, 6, 3, 7).set(m3);
      store(first * 4, [
        () => f.get(m0).get(m1).shuffle(0, 1, 4, 5),
        () => f.get(m0).get(m1).shuffle(2, 3, 6, 7),
        () => f.get(m2).get(m3).shuffle(0, 1, 4, 5),
        () => f.get(m2).get(m3).shuffle(2, 3, 6, 7),
      ]);
    };
    f.i32(0).for(
      group,
      () => f.get(outputs),
      outputsTogether,
      () => {
        f.get(group).i32(outputsTogether).op("i32.add").get(outputs);
        f.get(group).i32(outputsTogether).op("i32.add").get(outputs).op("i32.lt_u", "select").set(end);
        f.i32(0).for(
          channel,
          () => f.get(channels),
          1,
          () => {
            f.get(group).for(
              output,
              () => f.get(end),
              4,
              () => {
                f.get(planes).plus(channel, channelPitch).plus(output, 4).set(source);
                targets.forEach((target, lane) => {
                  f.get(dw).plus(channel, tapBytes).get(output).i32(lane).op("i32.add").get(outputBytes);
                  f.op("i32.mul", "i32.add");
                  f.get(scratch)
                    .i32(betweenBytes + 9 * 16)
                    .op("i32.add");
                  f.get(output).i32(lane).op("i32.add").get(outputs).op("i32.lt_u", "select").set(target);
                });
                transform({
                  load: (i, j) => f.get(source).memory("v128.load", (i * products + j) * planeStride),
                  store(i, j, push) {
                    f.get(scratch);
                    push();
                    f.memory("v128.store", betweenBytes + (i * size + j) * 16);
                  },
                });
                four(0);
                four(4);
                tap(8).set(at(rows, 0));
                f.get(added).if(() =>
                  targets.forEach((target, lane) => {
                    f.get(at(rows, 0)).get(at(rows, 0)).lane("f32x4.extract_lane", lane);
                    f.get(target).memory("f32.load", 32).op("f32.add").lane("f32x4.replace_lane", lane);
                    f.set(at(rows, 0));
                  }),
                );
                targets.forEach((target, lane) =>
                  f.get(target).get(at(rows, 0)).laneMemory("v128.store32_lane", lane, 32),
                );
              },
            );
          },
        );
      },
    );
  });
}
