// @stria/core: tensors, traces, gradients, the graph and the backend contract.
export {
  type Aval,
  type Shape,
  at,
  aval,
  broadcastShapes,
  byteSize,
  checkSize,
  sameShape,
  showAval,
  showShape,
  sizeOf,
  stridesOf,
} from "./tensor/aval.ts";
export {
  type Backend,
  type BackendLost,
  type Capabilities,
  type DeviceBuffer,
  type Executable,
  type MemoryUse,
  type NodeSpec,
  type RequiredOp,
  contractVersion,
  requiredOps,
} from "./backend.ts";
export { Cell, type Initialiser, Parameter, State, isCell } from "./cells/cell.ts";
export { checkpoint } from "./trace/checkpoint.ts";
export { type CompileOptions, type CompiledFunction, compile } from "./trace/compile.ts";
export { type TensorOptions, arange, fromHost, linspace, tensor } from "./tensor/create.ts";
export { type WithGradient, customGradient } from "./trace/custom-gradient.ts";
export { type TensorLike, apply, applyOne, asTensor } from "./tensor/dispatch.ts";
export { bernoulli, normal, permutation, uniform } from "./tensor/draw.ts";
export {
  type DType,
  type TypedArray,
  allocate,
  bytesOf,
  dtypes,
  fromStored,
  toNumbers,
  toStored,
} from "./tensor/dtype.ts";
export {
  AttributeError,
  BackendError,
  DTypeError,
  DisposedError,
  FormatError,
  ModeError,
  ShapeError,
  StriaError,
  TraceError,
} from "./errors.ts";
export { equalGraphs, graphDifference } from "./graph/equal-graphs.ts";
export { type TensorTree, type ValueAndGrads, grad, valueAndGrad, vjp } from "./trace/gradient.ts";
export {
  type Graph,
  type GraphInput,
  type GraphNode,
  type NoiseSpec,
  type Role,
  type Writeback,
  resultValues,
} from "./graph/graph.ts";
export { inferAval, inferGraph } from "./graph/infer.ts";
export { type MemoryReport, type MemorySite, memoryReport, trackAllocations } from "./execution/memory-report.ts";
export { type Mode, currentMode, evaluating, isTraining, training } from "./trace/mode.ts";
export { type AttrValue, type Attrs, type Op, type VjpContext, defineOp } from "./op.ts";
export * from "./ops/index.ts";
export { type OutputSizeOptions, outputSize } from "./tensor/output-size.ts";
export { pathPattern } from "./cells/path-pattern.ts";
export { type Rewrite, rewrite } from "./passes/rewrite.ts";
export { printGraph } from "./graph/print.ts";
export { specOf } from "./graph/spec-of.ts";
export * from "./random/index.ts";
export { defaultBackend, useBackend } from "./execution/runtime.ts";
export type { HostTensor, SafetensorsFile, StoredTensor, StoredType } from "./safetensors/safetensors.ts";
export { scope } from "./trace/scope.ts";
export { type NestedArray, Tensor, isTensor } from "./tensor/tensor.ts";
export { type HostCheck, type RunContext, atSite, checkHostData, hostScalar } from "./trace/trace.ts";
export { cellPaths, fingerprint, isModule, moduleBrand, modulePath, namedCells, namedModules } from "./cells/walk.ts";
