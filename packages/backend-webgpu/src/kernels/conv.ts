// conv and convTranspose: own WGSL, one text for both, for any number of axes, stride, padding, dilation and groups. TF.js's are for two
// axes in NHWC without groups, wrong in NCHW, and slow where channels are few. Each thread makes a tile of channels times neighbouring
// columns, so that every number read is used several times.
import { type Shape, at, sizeOf } from "@stria/core";
import { numberOf } from "../attributes.ts";
import { remembered } from "../engine/remembered.ts";
import { planeOf, windowFields, windowOf, windowValues } from "../engine/window.ts";
import { type Kernel, outputOf } from "../kernel.ts";
import type { Program } from "../program.ts";
import { convByTfjs, worthTfjsConv } from "./conv-tfjs.ts";

/** How wide a tile is: the largest, up to 4, that wastes at most a quarter. */
function tile(length: number): number {
  return [4, 3, 2].find((size) => Math.ceil(length / size) * size <= length * 1.25) ?? 1;
}

function spatial(shape: Shape): Shape {
  return shape.slice(2);
}

function direct(transposed: boolean): Kernel {
  return (runtime, node, inputs) => {
    const [x, w] = [at(inputs, 0), at(inputs, 1)];
    if (!transposed && worthTfjsConv(node)) return [convByTfjs(runtime, node, x, w)];
    const aval = outputOf(node);
    const output = runtime.allocate(aval, inputs);
    const groups = numberOf(node.attrs, "groups");
    const window = windowOf(node.attrs, spatial(w.aval.shape));
    const [inPlane, outPlane] = [planeOf(x.aval.shape), planeOf(aval.shape)];
    const inChannels = at(x.aval.shape, 1) / groups;
    const outChannels = at(aval.shape, 1) / groups;
    const taps = sizeOf(window.kernel);
    const [channelTile, columnTile] = [tile(outChannels), tile(at(outPlane, 2))];
    const blocks = Math.ceil(outChannels / channelTile);
    const columns = Math.ceil(at(outPlane, 2) / columnTile);
    const unit = window.stride.every((step) => step === 1);
    const key = `${transposed ? "convTranspose" : "conv"} ${channelTile}x${columnTile} ${transposed && unit ? "unit" : ""}`;
    const program = remembered(key, () => convProgram(key, channelTile, columnTile, transposed, unit));
    const threads = at(aval.shape, 0) * groups * blocks * at(outPlane, 0) * at(outPlane, 1) * columns;
    runtime.run(program, [x, w], output, sizeOf(aval.shape) === 0 ? 0 : threads, [
      ...windowValues(window, transposed ? outPlane : inPlane, transposed ? inPlane : outPlane),
      [groups],
      [inChannels],
      [outChannels],
      [blocks],
      [columns],
      // Strides of the kernel along the channels that come in and go out: OIHW read as it is, or from the other side.
      transposed ? [outChannels * taps, taps] : [taps, inChannels * taps],
    ]);
    return [output];
  };
}

export const conv: Kernel = direct(false);
export const convTranspose: Kernel = direct(true);

function range(length: number): number[] {
  return Array.from({ length }, (_, k) => k);
}

function convProgram(
  key: string,
  channelTile: number,
  columnTile: number,
  transposed: boolean,
  unit: boolean,
): Program {
  const [inPlane, outPlane] = transposed ? ["narrow", "wide"] : ["wide", "narrow"];
  const [inSize, outSize] = transposed ? ["narrow_size", "wide_size"] : ["wide_size", "narrow_size"];
  const vector = channelTile === 1 ? "f32" : `vec${channelTile}<f32>`;
  const lanes = range(channelTile);
  const weights = lanes.map((lane) => `w[weight + ${lane === 0 ? "0" : `lane_${lane}`}]`).join(", ");
  const columns = range(columnTile);
  // Where the tap reads, for an output coordinate `c` and a tap `k` along an axis: a place in the input, or -1.
  const forward = "out * stride - before + tap * dilation";
  const backward = unit
    ? "out + before - tap * dilation"
    : "select(-1, (out + before - tap * dilation) / stride, (out + before - tap * dilation) % stride == 0)";
  const guarded = transposed && !unit ? `if (out + before - tap * dilation < 0) { return -1; }` : "";
  const functions = `
    fn source(out : i32, tap : i32, stride : i32, dilation : i32, before : i32) -> i32 {
      ${guarded}
      return ${transposed ? backward : forward};
    }`;
  const uniforms = [
    ...windowFields,
    ["groups", "i32"],
    ["in_channels", "i32"],
    ["out_channels", "i32"],
    ["blocks", "i32"],
    ["columns", "i32"],
    ["weight_strides", "vec2<i32>"],
  ] satisfies Program["uniforms"];
  const source = (axis: string, out: string): string =>
    `source(${out}, k${axis}, uniforms.stride.${axis}, uniforms.dilation.${axis}, uniforms.before.${axis})`;
  const main = `
    let column = (index % uniforms.columns) * ${columnTile};
    var rest = index / uniforms.columns;
    let row = rest % uniforms.${outPlane}.y; rest = rest / uniforms.${outPlane}.y;
    let sheet = rest % uniforms.${outPlane}.x; rest = rest / uniforms.${outPlane}.x;
    let block = rest % uniforms.blocks; rest = rest / uniforms.blocks;
    let channel = block * ${channelTile};
    let image = rest / uniforms.groups;
    let group = rest % uniforms.groups;
    let last = uniforms.out_channels - 1 - channel;
    ${lanes
      .slice(1)
      .map((lane) => `let lane_${lane} = min(${lane}, last) * uniforms.weight_strides.y;`)
      .join("\n")}
    let x_start = (image * uniforms.groups + group) * uniforms.in_channels * uniforms.${inSize};
    let w_start = group * uniforms.in_channels * uniforms.out_channels * uniforms.window_size + channel * uniforms.weight_strides.y;
    ${columns.map((k) => `var sum${k} = ${vector}(0.0);`).join("\n")}
    for (var kx = 0; kx < uniforms.window.x; kx++) {
      let sx = ${source("x", "sheet")};
      if (sx < 0 || sx >= uniforms.${inPlane}.x) { continue; }
      for (var ky = 0; ky < uniforms.window.y; ky++) {
        let sy = ${source("y", "row")};
        if (sy < 0 || sy >= uniforms.${inPlane}.y) { continue; }
        let line = x_start + (sx * uniforms.${inPlane}.y + sy) * uniforms.${inPlane}.z;
        for (var kz = 0; kz < uniforms.window.z; kz++) {
          var weight = w_start + (kx * uniforms.window.y + ky) * uniforms.window.z + kz;
          ${columns.map((k) => `let sz${k} = ${source("z", `column + ${k}`)};`).join("\n")}
          ${columns.map((k) => `let in${k} = sz${k} >= 0 && sz${k} < uniforms.${inPlane}.z;`).join("\n")}
          ${columns.map((k) => `var at${k} = line + select(0, sz${k}, in${k});`).join("\n")}
          for (var c = 0; c < uniforms.in_channels; c++) {
            let weights = ${vector}(${weights});
            ${columns.map((k) => `sum${k} += select(0.0, x[at${k}], in${k}) * weights;`).join("\n")}
            ${columns.map((k) => `at${k} += uniforms.${inSize};`).join("\n")}
            weight += uniforms.weight_strides.x;
          }
        }
      }
    }
    let first = ((image * uniforms.groups + group) * uniforms.out_channels + channel) * uniforms.${outSize}
      + (sheet * uniforms.${outPlane}.y + row) * uniforms.${outPlane}.z + column;
    ${columns
      .map(
        (k) => `if (column + ${k} < uniforms.${outPlane}.z) {
          ${lanes.map((lane) => `if (${lane} <= last) { result[first + ${k} + ${lane} * uniforms.${outSize}] = sum${k}${channelTile === 1 ? "" : `[${lane}]`}; }`).join("\n")}
        }`,
      )
      .join("\n")}`;
  return { key, inputs: ["x", "w"], uniforms, functions, main };
}
