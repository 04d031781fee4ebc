// Pooling: own WGSL. TF.js's max pooling lets the last of equals win and gives no indices in NCHW, its average divides differently at the
// border, and both know two axes. Gradients gather from the windows over each element, so that nothing is added atomically.
import { at, sizeOf } from "@stria/core";
import { numbersOf } from "../attributes.ts";
import { remembered } from "../engine/remembered.ts";
import { planeFunctions, planeOf, threeAxes, windowFields, windowOf, windowValues } from "../engine/window.ts";
import { type Kernel, outputOf } from "../kernel.ts";
import type { Program } from "../program.ts";
import type { Runtime } from "../runtime.ts";
import type { DeviceTensor } from "../tensor.ts";

/** WGSL around a statement for each place `at` that a window covers and that is inside the plane. */
function overWindow(statement: string): string {
  return `
    let corner = plane_coordinates(index % uniforms.narrow_size, uniforms.narrow) * uniforms.stride - uniforms.before;
    let start = index / uniforms.narrow_size * uniforms.wide_size;
    for (var kx = 0; kx < uniforms.window.x; kx++) {
      for (var ky = 0; ky < uniforms.window.y; ky++) {
        for (var kz = 0; kz < uniforms.window.z; kz++) {
          let at = corner + vec3<i32>(kx, ky, kz) * uniforms.dilation;
          if (!inside(at, uniforms.wide)) { continue; }
          let place = plane_index(at, uniforms.wide);
          ${statement}
        }
      }
    }`;
}

/**
 * WGSL around a statement for each window, at flat place `position`, that reaches over the element `index` of the wide plane, by
 * `reach` elements from its first. With dilation it may have no tap there.
 */
function overPositions(statement: string): string {
  return `
    let self_place = index % uniforms.wide_size;
    let padded = plane_coordinates(self_place, uniforms.wide) + uniforms.before;
    let start = index / uniforms.wide_size * uniforms.narrow_size;
    let beyond = max(padded - uniforms.dilation * (uniforms.window - 1), vec3<i32>(0));
    let low = (beyond + uniforms.stride - 1) / uniforms.stride;
    let high = min(padded / uniforms.stride, uniforms.narrow - 1);
    for (var px = low.x; px <= high.x; px++) {
      for (var py = low.y; py <= high.y; py++) {
        for (var pz = low.z; pz <= high.z; pz++) {
          let at = vec3<i32>(px, py, pz);
          let reach = padded - at * uniforms.stride;
          let position = start + plane_index(at, uniforms.narrow);
          ${statement}
        }
      }
    }`;
}

function pooling(
  key: string,
  inputs: readonly string[],
  main: string,
): (
  runtime: Runtime,
  node: Parameters<Kernel>[1],
  tensors: readonly DeviceTensor[],
  output: DeviceTensor,
  wide: readonly number[],
  narrow: readonly number[],
) => void {
  const make = (): Program => ({ key, inputs, uniforms: windowFields, functions: planeFunctions, main });
  return (runtime, node, tensors, output, wide, narrow) => {
    const window = windowOf(node.attrs, numbersOf(node.attrs, "kernel"));
    runtime.run(remembered(key, make), tensors, output, sizeOf(output.aval.shape), windowValues(window, wide, narrow));
  };
}

const maxPoolIndices = pooling(
  "maxPool",
  ["x"],
  `var winner = -1;
   var best = 0.0;
   ${overWindow(`
     let next = x[start + place];
     if (winner < 0 || (!isnan(best) && (next > best || isnan(next)))) { winner = place; best = next; }`)}
   result[index] = winner;`,
);

/** The values at indices of each spatial plane; an index outside the plane gives 0. */
function gather(runtime: Runtime, x: DeviceTensor, indices: DeviceTensor, output: DeviceTensor): void {
  const key = "maxPoolGather";
  const program = remembered(key, () => ({
    key,
    inputs: ["x", "places"],
    uniforms: [
      ["wide_size", "i32"],
      ["narrow_size", "i32"],
    ],
    main: `
      let place = places[index];
      let found = place >= 0 && place < uniforms.wide_size;
      let value = x[index / uniforms.narrow_size * uniforms.wide_size + select(0, place, found)];
      result[index] = select(0.0, value, found);`,
  }));
  const { shape } = output.aval;
  runtime.run(program, [x, indices], output, sizeOf(shape), [
    [sizeOf(x.aval.shape.slice(2))],
    [sizeOf(shape.slice(2))],
  ]);
}

export const maxPool: Kernel = (runtime, node, inputs) => {
  const x = at(inputs, 0);
  const values = runtime.allocate(outputOf(node, 0), inputs);
  const indices = runtime.allocate(outputOf(node, 1), inputs);
  maxPoolIndices(runtime, node, [x], indices, planeOf(x.aval.shape), planeOf(values.aval.shape));
  gather(runtime, x, indices, values);
  return [values, indices];
};

export const maxPoolGather: Kernel = (runtime, node, inputs) => {
  const output = runtime.allocate(outputOf(node), inputs);
  gather(runtime, at(inputs, 0), at(inputs, 1), output);
  return [output];
};

const scatterToWinners = pooling(
  "maxPoolGradient",
  ["dy", "places"],
  `var sum = 0.0;
   ${overPositions("if (places[position] == self_place) { sum += dy[position]; }")}
   result[index] = sum;`,
);

export const maxPoolGradient: Kernel = (runtime, node, inputs) => {
  const output = runtime.allocate(outputOf(node), inputs);
  scatterToWinners(
    runtime,
    node,
    inputs,
    output,
    threeAxes(numbersOf(node.attrs, "inputSize"), 1),
    planeOf(at(inputs, 0).aval.shape),
  );
  return [output];
};

const average = pooling(
  "avgPool",
  ["x"],
  `var sum = 0.0;
   ${overWindow("sum += x[start + place];")}
   result[index] = sum / f32(uniforms.window_size);`,
);

export const avgPool: Kernel = (runtime, node, inputs) => {
  const output = runtime.allocate(outputOf(node), inputs);
  average(runtime, node, inputs, output, planeOf(at(inputs, 0).aval.shape), planeOf(output.aval.shape));
  return [output];
};

const spread = pooling(
  "avgPoolGradient",
  ["dy"],
  `var sum = 0.0;
   ${overPositions("if (all(reach % uniforms.dilation == vec3<i32>(0))) { sum += dy[position]; }")}
   result[index] = sum / f32(uniforms.window_size);`,
);

export const avgPoolGradient: Kernel = (runtime, node, inputs) => {
  const output = runtime.allocate(outputOf(node), inputs);
  spread(
    runtime,
    node,
    inputs,
    output,
    threeAxes(numbersOf(node.attrs, "inputSize"), 1),
    planeOf(at(inputs, 0).aval.shape),
  );
  return [output];
};
