// What follows the places of winners that may be anyone's, where channels lie side by side: spreading a gradient to them, and gathering values from them.
import type { FunctionBuilder } from "../../wasm/function.ts";
import { kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals, type Kernel } from "../kernel.ts";

/** The kernels that take indices from anywhere. `places` is the number of outputs of a plane, `plane` its size before pooling. */
export interface IndexedSpec {
  readonly channels: number;
  readonly places: number;
  readonly plane: number;
}

/** Channels that one unit of spreading owns: a cache line. */
const spreadChannels = 16;

export function spreadUnits({ channels }: IndexedSpec, batch: number): number {
  return batch * Math.ceil(channels / spreadChannels);
}

/** Argument words: indices, gradient of the values, gradient of the input. What an index outside the plane points at is dropped. */
export function maxPoolSpreadLastKernel(spec: IndexedSpec): Kernel {
  const { channels, places, plane } = spec;
  return {
    key: `maxPoolSpreadLast ${channels} ${places} ${plane}`,
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => emitSpread(f, spec));
    },
  };
}

function emitSpread(f: FunctionBuilder, { channels, places, plane }: IndexedSpec): void {
  const { indices, dy, dx } = namedArguments(f, ["indices", "dy", "dx"]);
  const v = namedLocals(f, "i32", ["unit", "image", "first", "end", "channel", "line", "index", "address", "from"]);
  const blocks = Math.ceil(channels / spreadChannels);
  const rowBytes = channels * 4;
  const overLines = (count: number, body: () => void): void => {
    f.i32(0).for(
      v.line,
      () => f.i32(count),
      1,
      () => {
        f.get(v.first).for(v.channel, () => f.get(v.end), 1, body);
      },
    );
  };
  f.get(kernelBegin).for(
    v.unit,
    () => f.get(kernelEnd),
    1,
    () => {
      f.get(v.unit).i32(blocks).op("i32.div_u").set(v.image);
      f.get(v.unit).i32(blocks).op("i32.rem_u").i32(spreadChannels).op("i32.mul").tee(v.first);
      f.i32(spreadChannels).op("i32.add").tee(v.end).i32(channels).get(v.end).i32(channels).op("i32.lt_u", "select");
      f.set(v.end);
      const planeBytes = plane * rowBytes;
      const pushTarget = (): FunctionBuilder => f.get(dx).plus(v.image, planeBytes).plus(v.channel, 4);
      overLines(plane, () => pushTarget().plus(v.line, rowBytes).f32(0).memory("f32.store"));
      overLines(places, () => {
        const imageBytes = places * rowBytes;
        f.i32(0).plus(v.image, imageBytes).plus(v.channel, 4).plus(v.line, rowBytes).tee(v.from);
        f.get(indices).op("i32.add").memory("i32.load").tee(v.index).i32(plane).op("i32.lt_u");
        f.if(() => {
          pushTarget().plus(v.index, rowBytes).tee(v.address).get(v.address).memory("f32.load");
          f.get(dy).get(v.from).op("i32.add").memory("f32.load").op("f32.add").memory("f32.store");
        });
      });
    },
  );
}

/** Argument words: indices, input, values at the indices. One unit is one place, all channels. An index outside the plane gives 0. */
export function maxPoolGatherLastKernel(spec: IndexedSpec): Kernel {
  const { channels, places, plane } = spec;
  return {
    key: `maxPoolGatherLast ${channels} ${places} ${plane}`,
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => emitGather(f, spec));
    },
  };
}

function emitGather(f: FunctionBuilder, { channels, places, plane }: IndexedSpec): void {
  const { indices, input, values } = namedArguments(f, ["indices", "input", "values"]);
  const v = namedLocals(f, "i32", ["unit", "channel", "image", "index", "offset"]);
  const value = f.local("f32");
  const rowBytes = channels * 4;
  f.get(kernelBegin).i32(rowBytes).op("i32.mul").set(v.offset);
  f.get(kernelBegin).for(
    v.unit,
    () => f.get(kernelEnd),
    1,
    () => {
      f.get(v.unit).i32(places).op("i32.div_u").i32(plane).op("i32.mul").set(v.image);
      f.i32(0).for(
        v.channel,
        () => f.i32(channels),
        1,
        () => {
          f.f32(0).set(value);
          f.get(indices).get(v.offset).op("i32.add").memory("i32.load").tee(v.index).i32(plane).op("i32.lt_u");
          f.if(() => {
            f.get(v.image).get(v.index).op("i32.add").i32(rowBytes).op("i32.mul").get(input).op("i32.add");
            f.plus(v.channel, 4).memory("f32.load").set(value);
          });
          f.get(values).get(v.offset).op("i32.add").get(value).memory("f32.store");
          f.get(v.offset).i32(4).op("i32.add").set(v.offset);
        },
      );
    },
  );
}
