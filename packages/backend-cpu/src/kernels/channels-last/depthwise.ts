// Depthwise convolution over channels-last values: four channels at a time, a tile of neighbouring pixels of a row with its sums in registers. Which
// pixels meet is in the code, so that no padding is looked at and each input pixel is loaded once for a row of the kernel.
import { depthwiseArguments } from "./depthwise-arguments.ts";
import { storeVector } from "../../loops/access.ts";
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder } from "../../wasm/function.ts";
import { kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals, type Kernel } from "../kernel.ts";
import { channelBlock, loadChannels, overBlocks } from "./channels.ts";
import { callTile, distinct, jointWords, multiplyAdd, tileWords, type TileCode } from "./depthwise-tile.ts";

export interface DepthwiseCode {
  readonly channels: number;
  /** Bytes from pixel to pixel. */
  readonly inputPitch: number;
  readonly outputPitch: number;
  readonly residualPitch: number | undefined;
  readonly bias: boolean;
  readonly relu: boolean;
  /** The largest result. */
  readonly most: number | undefined;
  readonly fused: boolean;
  readonly tiles: readonly TileCode[];
}

export function depthwiseKernel(code: DepthwiseCode): Kernel {
  return {
    key: `depthwise ${JSON.stringify(code)}`,
    emit: (module, name) => emitDepthwise(module, name, code),
  };
}

function emitDepthwise(module: ModuleBuilder, name: string, code: DepthwiseCode): void {
  const tiles = code.tiles.map((tile) => emitTile(module, code, tile));
  module.function(name, kernelParameters, [], (f) => emitRows(f, code, tiles));
}

function emitRows(f: FunctionBuilder, code: DepthwiseCode, tiles: readonly FunctionBuilder[]): void {
  const x = namedArguments(f, depthwiseArguments);
  const v = namedLocals(f, "i32", ["unit", "row", "image", "joints", "jointsEnd", "tile", "number", "pixel"]);
  f.get(kernelBegin).for(
    v.unit,
    () => f.get(kernelEnd),
    1,
    () => {
      f.get(v.unit).get(x.rows).op("i32.rem_u").set(v.row);
      f.get(x.input).get(v.unit).get(x.rows).op("i32.div_u").get(x.inputImage).op("i32.mul", "i32.add").set(v.image);
      f.get(x.rowStarts).plus(v.row, 4).set(v.row);
      f.get(x.joints).get(v.row).memory("i32.load", 0).op("i32.add").set(v.joints);
      f.get(x.joints).get(v.row).memory("i32.load", 4).op("i32.add").set(v.jointsEnd);
      f.get(x.tiles).for(
        v.tile,
        () => f.get(x.tilesEnd),
        tileWords * 4,
        () => {
          f.get(v.tile).memory("i32.load", 0).set(v.number);
          f.get(v.tile).memory("i32.load", 4).set(v.pixel);
          callTile(f, v.number, tiles, () => {
            f.get(v.image).get(v.tile).memory("i32.load", 8).op("i32.add").get(x.weight);
            f.get(v.joints).get(v.jointsEnd).get(x.bias);
            f.get(x.output).get(v.unit).get(x.outputRow).op("i32.mul", "i32.add").plus(v.pixel, code.outputPitch);
            if (code.residualPitch === undefined) f.i32(0);
            else
              f.get(x.residual)
                .get(v.unit)
                .get(x.residualRow)
                .op("i32.mul", "i32.add")
                .plus(v.pixel, code.residualPitch);
          });
        },
      );
    },
  );
}

/** Emits `(input, weight, joints, jointsEnd, bias, output, residual)`: one tile, for all channels. */
function emitTile(module: ModuleBuilder, code: DepthwiseCode, tile: TileCode): FunctionBuilder {
  return module.function("", Array<"i32">(7).fill("i32"), [], (f) => {
    const [input, weight, joints, jointsEnd, bias, output, residual] = [0, 1, 2, 3, 4, 5, 6];
    const v = namedLocals(f, "i32", ["offset", "joint", "row", "taps", "address"]);
    const sums = Array.from({ length: tile.outputs }, () => f.local("v128"));
    const value = f.local("v128");
    const block = channelBlock(code.channels, 1);
    const weights = new Map(distinct(tile, ({ tap }) => tap).map((tap) => [tap, f.local("v128")]));
    const multiply = (): void => {
      f.get(input).get(v.joint).memory("i32.load", 0).op("i32.add").get(v.offset).op("i32.add").set(v.row);
      f.get(weight).get(v.joint).memory("i32.load", 4).op("i32.add").get(v.offset).op("i32.add").set(v.taps);
      for (const [tap, local] of weights) {
        loadChannels(f, block, 0, v.taps, tap * code.channels * 4);
        f.set(local);
      }
      for (const pixel of distinct(tile, (joint) => joint.input)) {
        loadChannels(f, block, 0, v.row, pixel * code.inputPitch);
        f.set(value);
        for (const joint of tile.joints) {
          const [sum, factor] = [sums[joint.output], weights.get(joint.tap)];
          if (joint.input !== pixel || sum === undefined || factor === undefined) continue;
          multiplyAdd(f, code.fused, value, factor, sum);
        }
      }
    };
    overBlocks(f, block, v.offset, () => {
      if (code.bias) {
        f.get(bias).get(v.offset).op("i32.add").set(v.address);
        loadChannels(f, block, 0, v.address);
      } else f.v128([0, 0, 0, 0]);
      for (const sum of sums) f.tee(sum);
      f.op("drop");
      if (tile.joints.length > 0) f.get(joints).for(v.joint, () => f.get(jointsEnd), jointWords * 4, multiply);
      if (code.residualPitch !== undefined) {
        f.get(residual).get(v.offset).op("i32.add").set(v.address);
        for (const [pixel, sum] of sums.entries()) {
          f.get(sum);
          loadChannels(f, block, 0, v.address, pixel * code.residualPitch);
          f.op("f32x4.add").set(sum);
        }
      }
      if (code.relu) {
        f.v128([0, 0, 0, 0]).set(value);
        for (const sum of sums) f.get(sum).get(value).op("f32x4.pmax").set(sum);
      }
      if (code.most !== undefined) {
        f.f32(code.most).op("f32x4.splat").set(value);
        for (const sum of sums) f.get(sum).get(value).op("f32x4.pmin").set(sum);
      }
      f.get(output).get(v.offset).op("i32.add").set(v.address);
      for (const [pixel, sum] of sums.entries()) {
        const place = pixel * code.outputPitch;
        storeVector(f, "float32", v.address, 1, block.lanes, () => f.get(sum), place);
      }
    });
  });
}
