// sum, prod, max and argMax: own WGSL. TF.js reduces integers in f32, transposes first where the axes are not the last, and lets argMax
// skip NaN.
import { at, sizeOf, stridesOf } from "@stria/core";
import { numberOf, numbersOf } from "../attributes.ts";
import { remembered } from "../engine/remembered.ts";
import { type Combine, stridedReduce } from "../engine/strided-reduce.ts";
import { type Kernel, outputOf } from "../kernel.ts";
import { wgslType } from "../tensor.ts";
import { fill } from "./fill.ts";

function reduction(combine: Combine, ofNothing: number): Kernel {
  return (runtime, node, inputs) => {
    const tensor = at(inputs, 0);
    const { shape } = tensor.aval;
    const axes = numbersOf(node.attrs, "axes");
    const aval = outputOf(node);
    const strides = stridesOf(shape);
    const split = <T>(list: readonly T[]): [kept: T[], reduced: T[]] => [
      list.filter((_, axis) => !axes.includes(axis)),
      list.filter((_, axis) => axes.includes(axis)),
    ];
    const [keptShape, reducedShape] = split(shape);
    if (sizeOf(reducedShape) === 0) {
      const output = runtime.allocate(aval, inputs);
      fill(runtime, output, ofNothing);
      return [output];
    }
    const [kept, reduced] = split(strides);
    return [
      stridedReduce(
        runtime,
        { key: "plain", expression: "a", combine },
        keptShape,
        reducedShape,
        [{ tensor, kept, reduced }],
        aval,
      ),
    ];
  };
}

export const sum: Kernel = reduction("sum", 0);
export const prod: Kernel = reduction("prod", 1);
export const max: Kernel = reduction("max", 0);

export const argMax: Kernel = (runtime, node, inputs) => {
  const tensor = at(inputs, 0);
  const { shape } = tensor.aval;
  const axis = numberOf(node.attrs, "axis");
  const output = runtime.allocate(outputOf(node), inputs);
  const type = wgslType(tensor.aval.dtype);
  const key = `argMax ${type}`;
  const program = remembered(key, () => ({
    key,
    inputs: ["x"],
    uniforms: [
      ["inner_size", "i32"],
      ["axis_length", "i32"],
    ],
    main: `
      let start = index / uniforms.inner_size * uniforms.inner_size * uniforms.axis_length + index % uniforms.inner_size;
      var place = 0;
      var best = x[start];
      for (var k = 1; k < uniforms.axis_length; k++) {
        ${type === "f32" ? "if (isnan(best)) { break; }" : ""}
        let next = x[start + k * uniforms.inner_size];
        if (next > best ${type === "f32" ? "|| isnan(next)" : ""}) { best = next; place = k; }
      }
      result[index] = place;`,
  }));
  runtime.run(program, [tensor], output, sizeOf(output.aval.shape), [
    [sizeOf(shape.slice(axis + 1))],
    [at(shape, axis)],
  ]);
  return [output];
};
