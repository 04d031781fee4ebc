// All kernels by op. The type of the table makes the compiler name a required op that is missing.
import type { Kernel as CoreKernel, KernelTable } from "@stria/core/backends";
import type { Kernel } from "../kernel.ts";
import type { Runtime } from "../runtime.ts";
import type { DeviceTensor } from "../tensor.ts";
import { argSort } from "./arg-sort.ts";
import { batchNormGradient, batchNormTraining } from "./batch-norm.ts";
import { cast } from "./cast.ts";
import { convWeightGradient } from "./conv-weight-gradient.ts";
import { conv, convTranspose } from "./conv.ts";
import * as elementwise from "./elementwise.ts";
import { full, iota } from "./fill.ts";
import { gather, gatherGradient, scatterPlaces, take, takeGradient } from "./indexing.ts";
import { matmul } from "./matmul.ts";
import { broadcastTo, concat, flip, pad, reshape, slice, transpose } from "./move.ts";
import { avgPool, avgPoolGradient, maxPool, maxPoolGather, maxPoolGradient } from "./pool.ts";
import { argMax, max, prod, sum } from "./reduce.ts";
import { logSoftmax, softmax, softmaxCrossEntropy, softmaxCrossEntropyGradient } from "./softmax.ts";

export function kernelTable(runtime: Runtime): KernelTable<DeviceTensor> {
  const of =
    (kernel: Kernel): CoreKernel<DeviceTensor> =>
    (inputs, node) =>
      kernel(runtime, node, inputs);
  return {
    abs: of(elementwise.abs),
    add: of(elementwise.add),
    argMax: of(argMax),
    broadcastTo: of(broadcastTo),
    cast: of(cast),
    concat: of(concat),
    conv: of(conv),
    convTranspose: of(convTranspose),
    cos: of(elementwise.cos),
    div: of(elementwise.div),
    equal: of(elementwise.equal),
    erf: of(elementwise.erf),
    exp: of(elementwise.exp),
    flip: of(flip),
    floor: of(elementwise.floor),
    full: of(full),
    iota: of(iota),
    less: of(elementwise.less),
    lessEqual: of(elementwise.lessEqual),
    log: of(elementwise.log),
    logicalAnd: of(elementwise.logicalAnd),
    logicalNot: of(elementwise.logicalNot),
    matmul: of(matmul),
    max: of(max),
    maximum: of(elementwise.maximum),
    maxPool: of(maxPool),
    minimum: of(elementwise.minimum),
    mul: of(elementwise.mul),
    neg: of(elementwise.neg),
    pad: of(pad),
    pow: of(elementwise.pow),
    prod: of(prod),
    reshape: of(reshape),
    sign: of(elementwise.sign),
    sin: of(elementwise.sin),
    slice: of(slice),
    sqrt: of(elementwise.sqrt),
    sub: of(elementwise.sub),
    sum: of(sum),
    tanh: of(elementwise.tanh),
    transpose: of(transpose),
    where: of(elementwise.where),

    // Optional: core could decompose these; in one piece they are faster or more exact.
    argSort: of(argSort),
    avgPool: of(avgPool),
    avgPoolGradient: of(avgPoolGradient),
    batchNormGradient: of(batchNormGradient),
    batchNormTraining: of(batchNormTraining),
    convWeightGradient: of(convWeightGradient),
    expm1: of(elementwise.expm1),
    gather: of(gather),
    gatherGradient: of(gatherGradient),
    log1p: of(elementwise.log1p),
    logSoftmax: of(logSoftmax),
    maxPoolGather: of(maxPoolGather),
    maxPoolGradient: of(maxPoolGradient),
    relu: of(elementwise.relu),
    round: of(elementwise.round),
    scatterPlaces: of(scatterPlaces),
    sigmoid: of(elementwise.sigmoid),
    softmax: of(softmax),
    softmaxCrossEntropy: of(softmaxCrossEntropy),
    softmaxCrossEntropyGradient: of(softmaxCrossEntropyGradient),
    take: of(take),
    takeGradient: of(takeGradient),
  };
}
