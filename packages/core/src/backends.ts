// @stria/core/backends: what makes a backend out of kernels, or a graph into one that a backend takes. It brings the decompositions of all ops
// with it, so it is apart from @stria/core: who trains on a backend that takes the whole graph fetches none of them.
export { type Kernel, type KernelBackend, type KernelTable, fromKernels } from "./from-kernels.ts";
export { explain } from "./passes/explain.ts";
export { type Rewritten, legalise } from "./passes/legalise.ts";
export { liveness } from "./passes/liveness.ts";
