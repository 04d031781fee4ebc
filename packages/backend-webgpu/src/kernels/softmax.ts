// Softmax, its logarithm, and cross-entropy with its gradient: own WGSL, one thread a row, one pass for the maximum, one for the sum. A label
// outside the classes gives NaN, and never an address outside the buffer.
import { type Shape, at, sizeOf } from "@stria/core";
import { numberOf } from "../attributes.ts";
import { remembered } from "../engine/remembered.ts";
import { type Kernel, outputOf } from "../kernel.ts";
import type { Program } from "../program.ts";
import type { Runtime } from "../runtime.ts";
import type { DeviceTensor } from "../tensor.ts";
import { exponential, logarithm } from "../wgsl/math.ts";

/** WGSL: `largest` and `total` (the sum of exp(x - largest)) of row `index`, whose elements are x[start + k * inner_size]. */
const normaliser = `
  let start = index / uniforms.inner_size * uniforms.inner_size * uniforms.classes + index % uniforms.inner_size;
  var largest = x[start];
  for (var k = 1; k < uniforms.classes; k++) {
    let next = x[start + k * uniforms.inner_size];
    if (next > largest || isnan(next)) { largest = next; }
  }
  var total = 0.0;
  for (var k = 0; k < uniforms.classes; k++) { total += exponential(x[start + k * uniforms.inner_size] - largest); }`;

function rowProgram(
  key: string,
  inputs: readonly string[],
  main: string,
): (runtime: Runtime, tensors: readonly DeviceTensor[], output: DeviceTensor, logits: Shape, axis: number) => void {
  const make = (): Program => ({
    key,
    inputs,
    uniforms: [
      ["classes", "i32"],
      ["inner_size", "i32"],
    ],
    functions: exponential + logarithm,
    main: normaliser + main,
  });
  return (runtime, tensors, output, logits, axis) => {
    const classes = at(logits, axis);
    const rows = classes === 0 ? 0 : sizeOf(logits) / classes;
    runtime.run(remembered(key, make), tensors, output, rows, [[classes], [sizeOf(logits.slice(axis + 1))]]);
  };
}

const everyClass = (value: string): string => `
  for (var k = 0; k < uniforms.classes; k++) {
    let place = start + k * uniforms.inner_size;
    result[place] = ${value};
  }`;

const softmaxRows = rowProgram("softmax", ["x"], everyClass("exponential(x[place] - largest) / total"));
const logSoftmaxRows = rowProgram(
  "logSoftmax",
  ["x"],
  `let shift = logarithm(total); ${everyClass("x[place] - largest - shift")}`,
);

function overAxis(rows: typeof softmaxRows): Kernel {
  return (runtime, node, inputs) => {
    const output = runtime.allocate(outputOf(node), inputs);
    rows(runtime, inputs, output, output.aval.shape, numberOf(node.attrs, "axis"));
    return [output];
  };
}

export const softmax: Kernel = overAxis(softmaxRows);
export const logSoftmax: Kernel = overAxis(logSoftmaxRows);

const lossRows = rowProgram(
  "softmaxCrossEntropy",
  ["x", "labels"],
  `let label = labels[index];
   let known = label >= 0 && label < uniforms.classes;
   let own = x[start + select(0, label, known) * uniforms.inner_size];
   result[index] = select(uniforms.NAN, logarithm(total) - (own - largest), known);`,
);

export const softmaxCrossEntropy: Kernel = (runtime, node, inputs) => {
  const output = runtime.allocate(outputOf(node), inputs);
  lossRows(runtime, inputs, output, at(inputs, 0).aval.shape, 1);
  return [output];
};

const gradientRows = rowProgram(
  "softmaxCrossEntropyGradient",
  ["dy", "x", "labels"],
  `let label = labels[index];
   let known = label >= 0 && label < uniforms.classes;
   let scale = select(uniforms.NAN, dy[index], known);
   ${everyClass("scale * (exponential(x[place] - largest) / total - select(0.0, 1.0, k == label))")}`,
);

export const softmaxCrossEntropyGradient: Kernel = (runtime, node, inputs) => {
  const output = runtime.allocate(outputOf(node), inputs);
  gradientRows(runtime, inputs, output, output.aval.shape, 1);
  return [output];
};
