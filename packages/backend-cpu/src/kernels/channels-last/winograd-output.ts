// From products to pixels: the last pass of a Winograd convolution, with what is done to finished elements.
import { at } from "@stria/core";
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import { emitTileTouch } from "./winograd-pixels.ts";
import { outputGroup, planeStride } from "./winograd-scratch.ts";
import type { WinogradKernelOptions, WinogradScratch } from "./winograd-scratch.ts";
import { eachVectors, transformEmitter } from "./winograd-transform.ts";

/**
 * Emits `(list, tiles, from, to, source, pitch, scratch)`: transforms products back and stores them at the targets. Residuals are at the addresses in
 * the list of residuals, and the bias at its place in scratch memory.
 */
export function emitOutputTransform(
  module: ModuleBuilder,
  options: WinogradKernelOptions,
  scratch: WinogradScratch,
): FunctionBuilder {
  const { matrices, tile, epilogue, outputRoom } = options;
  const { products, outputs } = matrices;
  const touch = emitTileTouch(module, outputs, 0);
  return module.function("", Array<"i32">(7).fill("i32"), [], (f) => {
    const [list, tiles, from, to, source, pitch, memory] = [0, 1, 2, 3, 4, 5, 6];
    const targets = f.local("i32");
    const end = f.local("i32");
    const channel = f.local("i32");
    const groupPlace = f.local("i32");
    const vectors = f.local("i32");
    const offset = f.local("i32");
    const columns = Array.from({ length: outputs }, () => f.local("i32"));
    const added = Array.from({ length: outputs }, () => f.local("i32"));
    const bias = f.local("v128");
    const zero = f.local("v128");
    const most = f.local("v128");
    if (epilogue.most !== undefined) f.f32(epilogue.most).op("f32x4.splat").set(most);
    const transform = transformEmitter(f, matrices.output, tile.fused, memory, vectors);
    const addresses = (locals: readonly Local[], row: number, entries: number): void =>
      locals.forEach((address, column) =>
        f
          .get(targets)
          .memory("i32.load", (row * outputs + column) * 4 + entries)
          .get(channel)
          .op("i32.add")
          .set(address),
      );
    f.get(list)
      .get(tiles)
      .i32(outputs * outputs * 4)
      .op("i32.mul", "i32.add")
      .set(end);
    f.get(list).for(
      targets,
      () => f.get(end),
      outputs * outputs * 4,
      () => {
        f.get(targets).get(from).get(to).get(from).op("i32.sub").get(memory).call(touch);
        f.get(source).set(groupPlace);
        const body = (): void => {
          transform({
            row(row) {
              addresses(columns, row, 0);
              if (epilogue.residual) addresses(added, row, scratch.residuals - scratch.targets);
            },
            first: () => f.i32(0).set(offset),
            next: () => f.get(offset).i32(16).op("i32.add").set(offset),
            load(row, column) {
              f.get(groupPlace).get(offset).op("i32.add");
              f.memory("v128.load", (row * products + column) * planeStride(outputRoom));
            },
            store(_row, column, push) {
              if (epilogue.bias && column === 0) {
                f.get(memory).get(channel).op("i32.add").get(offset).op("i32.add");
                f.memory("v128.load", scratch.bias).set(bias);
              }
              f.get(at(columns, column)).get(offset).op("i32.add");
              push();
              if (epilogue.bias) f.get(bias).op("f32x4.add");
              if (epilogue.residual)
                f.get(at(added, column)).get(offset).op("i32.add").memory("v128.load").op("f32x4.add");
              if (epilogue.relu) f.get(zero).op("f32x4.pmax");
              if (epilogue.most !== undefined) f.get(most).op("f32x4.pmin");
              f.memory("v128.store");
            },
          });
          f.get(groupPlace).get(pitch).op("i32.add").set(groupPlace);
        };
        eachVectors(f, [from, to], channel, vectors, body, outputGroup(tile));
        f.get(source)
          .i32(outputGroup(tile) * 16)
          .op("i32.add")
          .set(source);
      },
    );
  });
}
