// Loaded when a network reads or writes at indices, or sorts.
export { emitArgMax } from "../arg-max.ts";
export { emitArgSort } from "../arg-sort.ts";
export { emitGather, emitTake } from "../read-at.ts";
export { emitWriteAt } from "../write-at.ts";
