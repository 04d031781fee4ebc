// The kernels whose code is loaded on demand. What they take and do is said where that code is.
import { bytesOf, type DType } from "@stria/core";
import type { Kernel } from "./kernel.ts";
import type { ArgMaxSpec } from "./arg-max.ts";
import type { ArgSortSpec } from "./arg-sort.ts";
import type { DepthwiseGradientCode } from "./channels-last/depthwise-weight-gradient.ts";
import type { DepthwiseCode } from "./channels-last/depthwise.ts";
import { windowKey, type WindowGeometry } from "./channels-last/places.ts";
import type { WeightGradientOptions } from "./channels-last/winograd-gradient-scratch.ts";
import type { WinogradMatrices } from "./channels-last/winograd-matrices.ts";
import type { WinogradKernelOptions } from "./channels-last/winograd-scratch.ts";
import type { IndexedSpec } from "./max-pool-indexed.ts";
import type { WindowSpec } from "./max-pool-windows.ts";
import type * as Depthwise from "./parts/depthwise.ts";
import type * as Indexing from "./parts/indexing.ts";
import type * as Pooling from "./parts/pooling.ts";
import type * as Winograd from "./parts/winograd.ts";
import { kernelOf, Part } from "./part.ts";
import type { Tile } from "./tile.ts";
import type { Written } from "./write-at.ts";

const depthwise: Part<typeof Depthwise> = /* @__PURE__ */ new Part(() => import("./parts/depthwise.ts"));
const indexing: Part<typeof Indexing> = /* @__PURE__ */ new Part(() => import("./parts/indexing.ts"));
const pooling: Part<typeof Pooling> = /* @__PURE__ */ new Part(() => import("./parts/pooling.ts"));
const winograd: Part<typeof Winograd> = /* @__PURE__ */ new Part(() => import("./parts/winograd.ts"));

/** Loads everything, for who makes kernels himself. */
export async function loadAllParts(): Promise<void> {
  await Promise.all([depthwise, indexing, pooling, winograd].map((part) => part.load()));
}

export function argMaxKernel(spec: ArgMaxSpec): Kernel {
  const { dtype, length, inner } = spec;
  return kernelOf(indexing, `argMax ${dtype} ${length} ${inner}`, (part, module, name) =>
    part.emitArgMax(module, name, spec),
  );
}

export function argSortKernel(spec: ArgSortSpec): Kernel {
  return kernelOf(indexing, `argSort ${spec.dtype} ${spec.descending} ${spec.long}`, (part, module, name) =>
    part.emitArgSort(module, name, spec),
  );
}

export function takeKernel(dtype: DType): Kernel {
  return kernelOf(indexing, `take ${bytesOf(dtype)} ${dtype}`, (part, module, name) =>
    part.emitTake(module, name, dtype),
  );
}

export function gatherKernel(dtype: DType): Kernel {
  return kernelOf(indexing, `gather ${bytesOf(dtype)} ${dtype}`, (part, module, name) =>
    part.emitGather(module, name, dtype),
  );
}

export function writeAtKernel(written: Written, isFloat: boolean): Kernel {
  return kernelOf(indexing, `writeAt ${written} ${isFloat}`, (part, module, name) =>
    part.emitWriteAt(module, name, written, isFloat),
  );
}

export function maxPoolKernel(spec: WindowSpec, withIndices: boolean): Kernel {
  const key = `maxPool ${withIndices ? "indices" : ""} ${JSON.stringify(spec)}`;
  return kernelOf(pooling, key, (part, module, name) => part.emitMaxPool(module, name, spec, withIndices));
}

export function maxPoolGradientKernel(spec: IndexedSpec): Kernel {
  return kernelOf(pooling, `maxPoolGradient ${spec.places} ${spec.plane}`, (part, module, name) =>
    part.emitMaxPoolGradient(module, name, spec),
  );
}

export function maxPoolGatherKernel(spec: IndexedSpec): Kernel {
  return kernelOf(pooling, `maxPoolGather ${spec.places} ${spec.plane}`, (part, module, name) =>
    part.emitMaxPoolGather(module, name, spec),
  );
}

export function averagePoolLastKernel(g: WindowGeometry): Kernel {
  return kernelOf(pooling, `averagePoolLast ${windowKey(g)}`, (part, module, name) =>
    part.emitAveragePoolLast(module, name, g),
  );
}

export function averagePoolGradientLastKernel(g: WindowGeometry): Kernel {
  return kernelOf(pooling, `averagePoolGradientLast ${windowKey(g)}`, (part, module, name) =>
    part.emitAveragePoolGradientLast(module, name, g),
  );
}

export function depthwiseKernel(code: DepthwiseCode): Kernel {
  return kernelOf(depthwise, `depthwise ${JSON.stringify(code)}`, (part, module, name) =>
    part.emitDepthwise(module, name, code),
  );
}

export function depthwiseGradientKernel(code: DepthwiseGradientCode): Kernel {
  return kernelOf(depthwise, `depthwise weight gradient ${JSON.stringify(code)}`, (part, module, name) =>
    part.emitDepthwiseGradient(module, name, code),
  );
}

export function winogradKernel(options: WinogradKernelOptions): Kernel {
  const { matrices, ...others } = options;
  return kernelOf(winograd, `winograd ${matrices.outputs} ${JSON.stringify(others)}`, (part, module, name) =>
    part.emitWinograd(module, name, options),
  );
}

export function winogradWeightKernel(matrices: WinogradMatrices, tile: Tile, turned: boolean): Kernel {
  const { taps, outputs } = matrices;
  const key = `winograd weight ${outputs} ${taps} ${tile.vectors} ${tile.fused} ${turned}`;
  return kernelOf(winograd, key, (part, module, name) => part.emitWinogradWeight(module, name, matrices, tile, turned));
}

export function winogradWeightGradientKernel(options: WeightGradientOptions): Kernel {
  return kernelOf(winograd, `winograd weight gradient ${JSON.stringify(options)}`, (part, module, name) =>
    part.emitWinogradWeightGradient(module, name, options),
  );
}
