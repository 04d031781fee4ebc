// Kernels whose code is loaded on demand, but which are chosen without it. What they take and do is said where that code is.
import { prediction } from "../parts/index.ts";
import { kernelOf } from "../parts/part.ts";
import { windowKey, type WindowGeometry } from "./channels-last/places.ts";
import type { Kernel } from "./kernel.ts";

export function maxPoolRowsKernel(g: WindowGeometry): Kernel {
  return kernelOf(prediction, `maxPoolRows ${windowKey(g)}`, (part, module, name) =>
    part.emitMaxPoolRows(module, name, g),
  );
}

export function fewRowsKernel(rows: number, fused: boolean): Kernel {
  return kernelOf(prediction, `fewRows ${rows} ${fused}`, (part, module, name) =>
    part.emitFewRows(module, name, rows, fused),
  );
}
