// What follows the places of max pooling's winners: spreading a gradient to them, and gathering values from them.
import type { ModuleBuilder } from "../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import { kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals, type Kernel } from "./kernel.ts";

/** The kernels that follow indices. `places` is the number of outputs of a plane, `plane` its size before pooling. */
export interface IndexedSpec {
  readonly places: number;
  readonly plane: number;
}

/** Emits a loop over planes and the places in them; `body` gets the address of a place relative to the arrays of places, and its index in a local. */
function overIndices(
  module: ModuleBuilder,
  name: string,
  { places }: IndexedSpec,
  before: (f: FunctionBuilder, plane: Local) => void,
  body: (f: FunctionBuilder, plane: Local, offset: Local, index: Local) => void,
): void {
  module.function(name, kernelParameters, [], (f) => {
    const { indices } = namedArguments(f, ["indices"]);
    const v = namedLocals(f, "i32", ["plane", "place", "offset", "index"]);
    f.get(kernelBegin)
      .i32(places * 4)
      .op("i32.mul")
      .set(v.offset);
    f.get(kernelBegin).for(
      v.plane,
      () => f.get(kernelEnd),
      1,
      () => {
        before(f, v.plane);
        f.i32(0).for(
          v.place,
          () => f.i32(places),
          1,
          () => {
            f.get(indices).get(v.offset).op("i32.add").memory("i32.load").set(v.index);
            body(f, v.plane, v.offset, v.index);
            f.get(v.offset).i32(4).op("i32.add").set(v.offset);
          },
        );
      },
    );
  });
}

/** Argument words: indices, gradient of the values, gradient of the input. What an index outside the plane points at is dropped. */
export function maxPoolGradientKernel(spec: IndexedSpec): Kernel {
  return {
    key: `maxPoolGradient ${spec.places} ${spec.plane}`,
    emit: (module, name) => emitGradient(module, name, spec),
  };
}

function emitGradient(module: ModuleBuilder, name: string, spec: IndexedSpec): void {
  const bytes = spec.plane * 4;
  const planeAddress = (f: FunctionBuilder, plane: Local): FunctionBuilder =>
    f.get(0).memory("i32.load", 8).plus(plane, bytes);
  overIndices(
    module,
    name,
    spec,
    (f, plane) => {
      const address = f.local("i32");
      const end = f.local("i32");
      planeAddress(f, plane)
        .tee(address)
        .i32(bytes - (bytes % 16))
        .op("i32.add")
        .set(end);
      f.block(() =>
        f.loop(() => {
          f.get(address).get(end).op("i32.ge_u").branchIf(1);
          f.get(address)
            .v128([0, 0, 0, 0])
            .memory("v128.store")
            .get(address)
            .i32(16)
            .op("i32.add")
            .set(address)
            .branch(0);
        }),
      );
      for (let rest = 0; rest < bytes % 16; rest += 4) f.get(end).i32(0).memory("i32.store", rest);
    },
    (f, plane, offset, index) => {
      const address = f.local("i32");
      f.get(index)
        .i32(spec.plane)
        .op("i32.lt_u")
        .if(() => {
          planeAddress(f, plane).plus(index, 4).tee(address).get(address).memory("f32.load");
          f.get(0).memory("i32.load", 4).get(offset).op("i32.add").memory("f32.load").op("f32.add").memory("f32.store");
        });
    },
  );
}

/** Argument words: indices, input, values at the indices. An index outside the plane gives 0. */
export function maxPoolGatherKernel(spec: IndexedSpec): Kernel {
  return { key: `maxPoolGather ${spec.places} ${spec.plane}`, emit: (module, name) => emitGather(module, name, spec) };
}

function emitGather(module: ModuleBuilder, name: string, spec: IndexedSpec): void {
  overIndices(
    module,
    name,
    spec,
    () => {},
    (f, plane, offset, index) => {
      const value = f.local("f32");
      f.f32(0).set(value);
      f.get(index)
        .i32(spec.plane)
        .op("i32.lt_u")
        .if(() => {
          f.get(0)
            .memory("i32.load", 4)
            .get(plane)
            .i32(spec.plane)
            .op("i32.mul")
            .get(index)
            .op("i32.add")
            .i32(4)
            .op("i32.mul", "i32.add")
            .memory("f32.load")
            .set(value);
        });
      f.get(0).memory("i32.load", 8).get(offset).op("i32.add").get(value).memory("f32.store");
    },
  );
}
