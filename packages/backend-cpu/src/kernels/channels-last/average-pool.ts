// Average pooling where channels lie side by side, and its gradient: both are sums of windows, of one side's or of the other's.
import { sizeOf } from "@stria/core";
import { LongSums, mostInSingle } from "../../loops/long-sums.ts";
import { VectorMath } from "../../loops/vector.ts";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import { kernelParameters, namedArguments, namedLocals, type Kernel } from "../kernel.ts";
import { channelBlock, loadChannels, overBlocks, storeChannels, type ChannelBlock } from "./channels.ts";
import { isUnrolled, overPixels, PixelWindows, windowKey, WindowTaps, type WindowGeometry } from "./places.ts";

/** The sums of one block of channels. */
class BlockSums {
  readonly #f: FunctionBuilder;
  readonly #v: VectorMath;
  readonly #block: ChannelBlock;
  readonly #sums: readonly Local[];
  readonly #long: LongSums | undefined;

  /** `most` terms at most. */
  constructor(f: FunctionBuilder, block: ChannelBlock, most: number) {
    this.#f = f;
    this.#v = new VectorMath(f);
    this.#block = block;
    this.#sums = block.vectors.map(() => f.local("v128"));
    this.#long = most > mostInSingle ? new LongSums(f, this.#sums) : undefined;
  }

  start(): void {
    for (const sum of this.#sums) this.#f.v128([0, 0, 0, 0]).set(sum);
    this.#long?.start();
  }

  add(address: Local, bytes = 0): void {
    const v = this.#v;
    this.#sums.forEach((sum, vector) => {
      v.add(v.read(sum), () => loadChannels(this.#f, this.#block, vector, address, bytes))();
      this.#f.set(sum);
    });
    this.#long?.added();
  }

  store(target: Local, factor: number): void {
    const v = this.#v;
    this.#long?.finish();
    this.#sums.forEach((sum, vector) =>
      storeChannels(this.#f, this.#block, vector, target, v.mul(v.read(sum), v.float(factor))),
    );
  }
}

/** Argument words: input, averages. One unit is one window, all channels. Padding counts as zeros. */
export function averagePoolLastKernel(g: WindowGeometry): Kernel {
  return {
    key: `averagePoolLast ${windowKey(g)}`,
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => emitAverage(f, g));
    },
  };
}

function emitAverage(f: FunctionBuilder, g: WindowGeometry): void {
  const { input, averages } = namedArguments(f, ["input", "averages"]);
  const { offset, source, target } = namedLocals(f, "i32", ["offset", "source", "target"]);
  const pixelBytes = g.channels * 4;
  const imageBytes = sizeOf(g.input) * pixelBytes;
  const block = channelBlock(g.channels, 4);
  const taps = new WindowTaps(f, g);
  const sums = new BlockSums(f, block, sizeOf(g.kernel));
  const setSource = (image: Local): void =>
    void f.get(input).plus(image, imageBytes).get(offset).op("i32.add").set(source);
  overPixels(
    f,
    g.places,
    (axis, coordinate) => taps.moved(axis, coordinate),
    (unit, image) =>
      overBlocks(f, block, offset, () => {
        sums.start();
        setSource(image);
        const whole = (): void => {
          f.get(source);
          taps.pushFirst();
          f.i32(pixelBytes).op("i32.mul", "i32.add").set(source);
          for (const { bytes } of taps.list()) sums.add(source, bytes);
        };
        const part = (): void =>
          taps.over((pixel) => {
            const address = f.local("i32");
            f.get(source).plus(pixel, pixelBytes).set(address);
            sums.add(address);
          });
        if (isUnrolled(g) && taps.alwaysWhole) whole();
        else if (isUnrolled(g)) {
          taps.pushWhole();
          f.if(whole, part);
        } else part();
        f.get(averages).plus(unit, pixelBytes).get(offset).op("i32.add").set(target);
        sums.store(target, 1 / sizeOf(g.kernel));
      }),
  );
}

/** Argument words: gradient of the averages, gradient of the input. One unit is one pixel of the input, all channels. */
export function averagePoolGradientLastKernel(g: WindowGeometry): Kernel {
  return {
    key: `averagePoolGradientLast ${windowKey(g)}`,
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => emitGradient(f, g));
    },
  };
}

function emitGradient(f: FunctionBuilder, g: WindowGeometry): void {
  const { dy, dx } = namedArguments(f, ["dy", "dx"]);
  const { offset, source, target } = namedLocals(f, "i32", ["offset", "source", "target"]);
  const pixelBytes = g.channels * 4;
  const block = channelBlock(g.channels, 4);
  const windows = new PixelWindows(f, g);
  const sums = new BlockSums(f, block, sizeOf(g.kernel));
  overPixels(
    f,
    g.input,
    (axis, coordinate) => windows.moved(axis, coordinate),
    (unit, image) =>
      overBlocks(f, block, offset, () => {
        sums.start();
        f.get(dy)
          .plus(image, sizeOf(g.places) * pixelBytes)
          .get(offset)
          .op("i32.add")
          .set(source);
        windows.over((place) => {
          const address = f.local("i32");
          f.get(source).plus(place, pixelBytes).set(address);
          sums.add(address);
        });
        f.get(dx).plus(unit, pixelBytes).get(offset).op("i32.add").set(target);
        sums.store(target, 1 / sizeOf(g.kernel));
      }),
  );
}
