// The gradient of max pooling where channels lie side by side, by the places of the winners.
import { sizeOf } from "@stria/core";
import { VectorMath } from "../../loops/vector.ts";
import type { FunctionBuilder } from "../../wasm/function.ts";
import { kernelParameters, namedArguments, namedLocals, type Kernel } from "../kernel.ts";
import { channelBlock, loadChannels, overBlocks, storeChannels } from "./channels.ts";
import { overPixels, PixelWindows, windowKey, type WindowGeometry } from "./places.ts";

/**
 * Argument words: indices, gradient of the values, gradient of the input. One unit is one pixel of the input, all channels: it adds up what the windows
 * that it is an element of send to it, so the winners have to lie in their own windows.
 */
export function maxPoolGradientLastKernel(g: WindowGeometry): Kernel {
  return {
    key: `maxPoolGradientLast ${windowKey(g)}`,
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => emitGradient(f, g));
    },
  };
}

function emitGradient(f: FunctionBuilder, g: WindowGeometry): void {
  const v = new VectorMath(f);
  const { indices, dy, dx } = namedArguments(f, ["indices", "dy", "dx"]);
  const { offset, start, target } = namedLocals(f, "i32", ["offset", "start", "target"]);
  const pixelBytes = g.channels * 4;
  const block = channelBlock(g.channels, 4);
  const windows = new PixelWindows(f, g);
  const sums = block.vectors.map(() => f.local("v128"));
  const here = f.local("v128");
  overPixels(
    f,
    g.input,
    (axis, coordinate) => windows.moved(axis, coordinate),
    (unit, image) => {
      const pixels = sizeOf(g.input);
      f.get(unit).get(image).i32(pixels).op("i32.mul", "i32.sub", "i32x4.splat").set(here);
      overBlocks(f, block, offset, () => {
        for (const sum of sums) f.v128([0, 0, 0, 0]).set(sum);
        const imageBytes = sizeOf(g.places) * pixelBytes;
        f.get(offset).plus(image, imageBytes).set(start);
        windows.over((place) => {
          const [from, winners] = [f.local("i32"), f.local("i32")];
          f.get(start).plus(place, pixelBytes).tee(from).get(indices).op("i32.add").set(winners);
          f.get(from).get(dy).op("i32.add").set(from);
          sums.forEach((sum, vector) => {
            const won = v.op("i32x4.eq", () => loadChannels(f, block, vector, winners), v.read(here));
            const share = v.op("v128.and", won, () => loadChannels(f, block, vector, from));
            v.add(v.read(sum), share)();
            f.set(sum);
          });
        });
        f.get(dx).plus(unit, pixelBytes).get(offset).op("i32.add").set(target);
        sums.forEach((sum, vector) => storeChannels(f, block, vector, target, v.read(sum)));
      });
    },
  );
}
