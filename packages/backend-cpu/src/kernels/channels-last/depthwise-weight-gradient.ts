// The weight gradient of depthwise convolution over channels-last values: the joints of the convolution, summed over pixels instead of elements of the
// kernel. The sums of a row of the kernel are in registers while a tile passes.
import { depthwiseGradientArguments } from "./depthwise-arguments.ts";
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder } from "../../wasm/function.ts";
import { kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals, type Kernel } from "../kernel.ts";
import { callTile, distinct, jointWords, multiplyAdd, tileWords, type TileCode } from "./depthwise-tile.ts";

export interface DepthwiseGradientCode {
  readonly channels: number;
  /** Bytes from pixel to pixel, of the convolution's input and of its output's gradient. */
  readonly inputPitch: number;
  readonly outputPitch: number;
  readonly fused: boolean;
  readonly tiles: readonly TileCode[];
}

export function depthwiseGradientKernel(code: DepthwiseGradientCode): Kernel {
  return {
    key: `depthwise weight gradient ${JSON.stringify(code)}`,
    emit: (module, name) => emitDepthwiseGradient(module, name, code),
  };
}

function emitDepthwiseGradient(module: ModuleBuilder, name: string, code: DepthwiseGradientCode): void {
  const tiles = code.tiles.map((tile) => emitTile(module, code, tile));
  module.function(name, kernelParameters, [], (f) => emitChannels(f, code, tiles));
}

function emitChannels(f: FunctionBuilder, code: DepthwiseGradientCode, tiles: readonly FunctionBuilder[]): void {
  const x = namedArguments(f, depthwiseGradientArguments);
  const v = namedLocals(f, "i32", [
    "unit",
    "first",
    "end",
    "tap",
    "place",
    "image",
    "input",
    "gradient",
    "row",
    "joint",
    "jointsEnd",
    "tile",
    "number",
    "pixel",
  ]);
  const overJoints = (body: () => void): void => {
    f.get(x.joints).get(v.row).memory("i32.load", 4).op("i32.add").set(v.jointsEnd);
    f.get(x.joints).get(v.row).memory("i32.load", 0).op("i32.add");
    f.for(v.joint, () => f.get(v.jointsEnd), jointWords * 4, body);
  };
  const overTiles = (body: () => void): void => {
    const bytes = tileWords * 4;
    f.get(x.tiles).for(v.tile, () => f.get(x.tilesEnd), bytes, body);
  };
  const clear = (): void => {
    f.get(x.sums).set(v.place);
    f.i32(0).for(
      v.tap,
      () => f.get(x.taps),
      1,
      () => {
        f.get(v.first).for(
          v.pixel,
          () => f.get(v.end),
          16,
          () => f.get(v.place).get(v.pixel).op("i32.add").v128([0, 0, 0, 0]).memory("v128.store"),
        );
        f.get(v.place).get(x.channelBytes).op("i32.add").set(v.place);
      },
    );
  };
  const row = (): void => {
    overTiles(() => {
      f.get(v.tile).memory("i32.load", 0).set(v.number);
      f.get(v.tile).memory("i32.load", 4).set(v.pixel);
      overJoints(() =>
        callTile(f, v.number, tiles, () => {
          f.get(v.input).get(v.tile).memory("i32.load", 8).op("i32.add");
          f.get(v.joint).memory("i32.load", 0).op("i32.add");
          f.get(v.gradient).plus(v.pixel, code.outputPitch);
          f.get(x.sums).get(v.joint).memory("i32.load", 4).op("i32.add");
          f.get(v.first).get(v.end);
        }),
      );
    });
    f.get(v.gradient).get(x.outputRow).op("i32.add").set(v.gradient);
  };
  f.get(kernelBegin).for(
    v.unit,
    () => f.get(kernelEnd),
    1,
    () => {
      f.get(v.unit).get(x.unitBytes).op("i32.mul").tee(v.first).get(x.unitBytes).op("i32.add").tee(v.end);
      f.get(x.channelBytes).get(v.end).get(x.channelBytes).op("i32.lt_u", "select").set(v.end);
      clear();
      f.get(x.input).set(v.input).get(x.gradient).set(v.gradient);
      f.i32(0).for(
        v.image,
        () => f.get(x.batch),
        1,
        () => {
          f.get(x.rowStarts).for(v.row, () => f.get(x.rowStartsEnd), 4, row);
          f.get(v.input).get(x.inputImage).op("i32.add").set(v.input);
        },
      );
    },
  );
}

/** Emits `(input, gradient, sums, first, end)`: one tile and row of the kernel, for the channels whose bytes are from `first` to `end`. */
function emitTile(module: ModuleBuilder, code: DepthwiseGradientCode, tile: TileCode): FunctionBuilder {
  return module.function("", Array<"i32">(5).fill("i32"), [], (f) => {
    const [input, gradient, target, first, end] = [0, 1, 2, 3, 4];
    if (tile.joints.length === 0) return;
    const v = namedLocals(f, "i32", ["row", "place", "offset", "sum"]);
    const channelBytes = Math.ceil(code.channels / 4) * 16;
    const sums = new Map(distinct(tile, ({ tap }) => tap).map((tap) => [tap, f.local("v128")]));
    const gradients = new Map(distinct(tile, ({ output }) => output).map((output) => [output, f.local("v128")]));
    const value = f.local("v128");
    f.get(first).for(
      v.offset,
      () => f.get(end),
      16,
      () => {
        f.get(input).get(v.offset).op("i32.add").set(v.row);
        f.get(gradient).get(v.offset).op("i32.add").set(v.place);
        f.get(target).get(v.offset).op("i32.add").set(v.sum);
        for (const [tap, sum] of sums) {
          const offset = tap * channelBytes;
          f.get(v.sum).memory("v128.load", offset).set(sum);
        }
        const loaded = new Set<number>();
        for (const pixel of distinct(tile, (joint) => joint.input)) {
          const offset = pixel * code.inputPitch;
          f.get(v.row).memory("v128.load", offset).set(value);
          for (const joint of tile.joints) {
            const [sum, factor] = [sums.get(joint.tap), gradients.get(joint.output)];
            if (joint.input !== pixel || sum === undefined || factor === undefined) continue;
            if (!loaded.has(joint.output)) {
              loaded.add(joint.output);
              const place = joint.output * code.outputPitch;
              f.get(v.place).memory("v128.load", place).set(factor);
            }
            multiplyAdd(f, code.fused, value, factor, sum);
          }
        }
        for (const [tap, sum] of sums) {
          const offset = tap * channelBytes;
          f.get(v.sum).get(sum).memory("v128.store", offset);
        }
      },
    );
  });
}
