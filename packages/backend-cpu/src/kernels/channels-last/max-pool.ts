// Max pooling where channels lie side by side, with or without the winners' places.
import { at, sizeOf } from "@stria/core";
import { floatBits, VectorMath, type Push } from "../../loops/vector.ts";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import { kernelArguments, kernelParameters, namedArguments, namedLocals, type Kernel } from "../kernel.ts";
import { channelBlock, loadChannels, overBlocks, storeChannels } from "./channels.ts";
import { isUnrolled, overPixels, windowKey, WindowTaps, type WindowGeometry } from "./places.ts";

/** The largest elements so far of one vector of channels. */
interface Leader {
  readonly best: Local;
  /** Where they lie: pixels from the first element of the window, or from the start of the image. */
  readonly winner: Local;
}

/** Argument words: input, values, indices where they are wanted. One unit is one window, all channels. */
export function maxPoolLastKernel(g: WindowGeometry, withIndices: boolean): Kernel {
  return {
    key: `maxPoolLast ${withIndices ? "indices" : ""} ${windowKey(g)}`,
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => emit(f, g, withIndices));
    },
  };
}

function emit(f: FunctionBuilder, g: WindowGeometry, withIndices: boolean): void {
  const v = new VectorMath(f);
  const { input, values } = namedArguments(f, ["input", "values"]);
  const { offset, source, target, first } = namedLocals(f, "i32", ["offset", "source", "target", "first"]);
  const pixelBytes = g.channels * 4;
  const imageBytes = sizeOf(g.input) * pixelBytes;
  const block = channelBlock(g.channels, 4);
  const leaders = block.vectors.map((): Leader => ({ best: f.local("v128"), winner: f.local("v128") }));
  const { value, take, place } = namedLocals(f, "v128", ["value", "take", "place"]);
  // Sums find out whether there is a NaN. With winners there are registers for two.
  const sums = leaders.slice(0, withIndices ? 2 : 4).map(() => f.local("v128"));
  const taps = new WindowTaps(f, g);

  const each = (body: (leader: Leader, vector: number) => void): void => leaders.forEach(body);
  const load = (vector: number, address: Local, bytes = 0): void => loadChannels(f, block, vector, address, bytes);
  const addToSum = (vector: number, operand: Push): void => {
    const sum = at(sums, vector % sums.length);
    v.add(v.read(sum), operand)();
    f.set(sum);
  };

  const start = (): void => {
    const lowest = floatBits(-Infinity);
    each(({ best, winner }) => {
      f.v128([lowest, lowest, lowest, lowest]).set(best);
      // The first element of all wins unless another is larger.
      taps.pushFirstInside();
      f.op("i32x4.splat").set(winner);
    });
    for (const sum of sums) f.v128([0, 0, 0, 0]).set(sum);
  };

  /** Where nothing is NaN: the place of a later element is larger than all before. `place` holds it. */
  const challenge = ({ best, winner }: Leader, vector: number): void => {
    if (withIndices)
      v.op(
        "i32x4.max_s",
        v.read(winner),
        v.op("v128.and", v.op("f32x4.gt", v.read(value), v.read(best)), v.read(place)),
      )();
    if (withIndices) f.set(winner);
    v.op("f32x4.pmax", v.read(best), v.read(value))();
    f.set(best);
    addToSum(vector, v.read(value));
  };

  const wholeWindow = (): void => {
    taps.list().forEach(({ bytes, pixels }, index) => {
      if (withIndices && index > 0) f.i32(pixels).op("i32x4.splat").set(place);
      each((leader, vector) => {
        load(vector, source, bytes);
        if (index > 0) {
          f.set(value);
          return challenge(leader, vector);
        }
        f.set(leader.best).v128([0, 0, 0, 0]).set(leader.winner);
        if (vector < sums.length) f.get(leader.best).set(at(sums, vector));
        else addToSum(vector, v.read(leader.best));
      });
    });
    if (withIndices) {
      f.get(first).op("i32x4.splat").set(place);
      each(({ winner }) => f.get(winner).get(place).op("i32x4.add").set(winner));
    }
  };

  /** Element by element, those in the padding left out. */
  const partOfWindow = (rule: (leader: Leader, vector: number) => void): void => {
    start();
    taps.over((pixel) => {
      const address = f.local("i32");
      f.get(source).plus(pixel, pixelBytes).set(address);
      f.get(pixel).op("i32x4.splat").set(place);
      each((leader, vector) => {
        load(vector, address);
        f.set(value);
        rule(leader, vector);
      });
    });
  };

  /** Larger, or the first NaN: a best that is NaN is beaten by nothing. */
  const challengeExactly = ({ best, winner }: Leader): void => {
    const isNumber = v.op("f32x4.eq", v.read(best), v.read(best));
    v.op("v128.andnot", isNumber, v.op("f32x4.le", v.read(value), v.read(best)))();
    f.set(take);
    v.choose(v.read(take), v.read(value), v.read(best))();
    f.set(best);
    v.choose(v.read(take), v.read(place), v.read(winner))();
    f.set(winner);
  };

  const pushImage = (image: Local): void => void f.get(input).plus(image, imageBytes);
  const fromImage = (image: Local): void => {
    pushImage(image);
    f.get(offset).op("i32.add").set(source);
  };

  overPixels(
    f,
    g.places,
    (axis, coordinate) => taps.moved(axis, coordinate),
    (unit, image) => {
      taps.pushFirst();
      f.set(first);
      overBlocks(f, block, offset, () => {
        f.block(() => {
          const whole = (): void => {
            pushImage(image);
            f.plus(first, pixelBytes).get(offset).op("i32.add").set(source);
            wholeWindow();
          };
          const part = (): void => {
            fromImage(image);
            partOfWindow(challenge);
          };
          if (isUnrolled(g) && taps.alwaysWhole) whole();
          else if (isUnrolled(g)) {
            taps.pushWhole();
            f.if(whole, part);
          } else part();
          // A sum that is no NaN has no NaN among its terms.
          const [sum, ...rest] = sums;
          const total = v.keep(rest.reduce<Push>((push, other) => v.add(push, v.read(other)), v.read(sum ?? value)));
          v.op("f32x4.ne", total, total)();
          f.op("v128.any_true", "i32.eqz").branchIf(0);
          fromImage(image);
          partOfWindow(challengeExactly);
        });
        f.get(values).plus(unit, pixelBytes).get(offset).op("i32.add").set(target);
        each(({ best }, vector) => storeChannels(f, block, vector, target, v.read(best)));
        if (!withIndices) return;
        f.get(kernelArguments).memory("i32.load", 8).plus(unit, pixelBytes).get(offset).op("i32.add").set(target);
        each(({ winner }, vector) => storeChannels(f, block, vector, target, v.read(winner)));
      });
    },
  );
}
