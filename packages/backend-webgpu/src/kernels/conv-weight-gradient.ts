// convWeightGradient: own WGSL. TF.js's is one thread a weight, refuses dilation, and knows two axes only. Each thread sums a tile of 4
// output channels times 4 weights of a kernel over some of the positions; the parts are then added.
import { at, sizeOf } from "@stria/core";
import { numberOf, numbersOf } from "../attributes.ts";
import { remembered } from "../engine/remembered.ts";
import { stridedReduce } from "../engine/strided-reduce.ts";
import { planeFunctions, planeOf, windowFields, windowOf, windowValues } from "../engine/window.ts";
import { type Kernel, outputOf } from "../kernel.ts";
import type { Program } from "../program.ts";
import { fill } from "./fill.ts";

const enoughThreads = 4096;
const shortestChunk = 64;

export const convWeightGradient: Kernel = (runtime, node, inputs) => {
  const [x, dy] = [at(inputs, 0), at(inputs, 1)];
  const aval = outputOf(node);
  const groups = numberOf(node.attrs, "groups");
  const window = windowOf(node.attrs, numbersOf(node.attrs, "kernel"));
  const [wide, narrow] = [planeOf(x.aval.shape), planeOf(dy.aval.shape)];
  const inChannels = at(x.aval.shape, 1) / groups;
  const outChannels = at(dy.aval.shape, 1) / groups;
  const perKernel = inChannels * sizeOf(window.kernel);
  const tiles = groups * Math.ceil(outChannels / 4) * Math.ceil(perKernel / 4);
  const positions = at(x.aval.shape, 0) * sizeOf(narrow);
  if (positions === 0) {
    const output = runtime.allocate(aval, inputs);
    fill(runtime, output, 0);
    return [output];
  }
  const chunks = Math.max(
    1,
    Math.min(Math.ceil(enoughThreads / Math.max(1, tiles)), Math.floor(positions / shortestChunk)),
  );
  const weights = sizeOf(aval.shape);
  const parts = runtime.allocate(chunks === 1 ? aval : { shape: [chunks, weights], dtype: aval.dtype }, inputs);
  runtime.run(remembered("convWeightGradient", program), [x, dy], parts, weights === 0 ? 0 : tiles * chunks, [
    ...windowValues(window, wide, narrow),
    [groups],
    [inChannels],
    [outChannels],
    [Math.ceil(outChannels / 4)],
    [Math.ceil(perKernel / 4)],
    [positions],
    [Math.ceil(positions / chunks)],
  ]);
  if (chunks === 1) return [parts];
  const whole = stridedReduce(
    runtime,
    { key: "plain", expression: "a", combine: "sum" },
    [weights],
    [chunks],
    [{ tensor: parts, kept: [1], reduced: [weights] }],
    aval,
  );
  runtime.free(parts);
  return [whole];
};

const four = [0, 1, 2, 3] as const;

function program(): Program {
  const each = (text: (k: number) => string): string => four.map(text).join("\n");
  return {
    key: "convWeightGradient",
    inputs: ["x", "dy"],
    uniforms: [
      ...windowFields,
      ["groups", "i32"],
      ["in_channels", "i32"],
      ["out_channels", "i32"],
      ["channel_tiles", "i32"],
      ["weight_tiles", "i32"],
      ["positions", "i32"],
      ["chunk_length", "i32"],
    ],
    functions: planeFunctions,
    main: `
      let weight = (index % uniforms.weight_tiles) * 4;
      var rest = index / uniforms.weight_tiles;
      let channel = (rest % uniforms.channel_tiles) * 4; rest = rest / uniforms.channel_tiles;
      let group = rest % uniforms.groups;
      let chunk = rest / uniforms.groups;
      let per_kernel = uniforms.in_channels * uniforms.window_size;
      let in_all = uniforms.in_channels * uniforms.groups;
      let out_all = uniforms.out_channels * uniforms.groups;
      ${each(
        (k) => `let w${k} = min(weight + ${k}, per_kernel - 1);
        let plane${k} = (group * uniforms.in_channels + w${k} / uniforms.window_size) * uniforms.wide_size;
        let tap${k} = plane_coordinates(w${k} % uniforms.window_size, uniforms.window) * uniforms.dilation - uniforms.before;
        let dy${k} = (group * uniforms.out_channels + min(channel + ${k}, uniforms.out_channels - 1)) * uniforms.narrow_size;
        var sum${k} = vec4<f32>(0.0);`,
      )}
      let end = min(uniforms.positions, (chunk + 1) * uniforms.chunk_length);
      for (var position = chunk * uniforms.chunk_length; position < end; position++) {
        let image = position / uniforms.narrow_size;
        let place = position % uniforms.narrow_size;
        let corner = plane_coordinates(place, uniforms.narrow) * uniforms.stride;
        let dy_start = image * out_all * uniforms.narrow_size + place;
        let x_start = image * in_all * uniforms.wide_size;
        let gradient = vec4<f32>(dy[dy_start + dy0], dy[dy_start + dy1], dy[dy_start + dy2], dy[dy_start + dy3]);
        ${each(
          (k) => `let at${k} = corner + tap${k};
          if (inside(at${k}, uniforms.wide)) { sum${k} += x[x_start + plane${k} + plane_index(at${k}, uniforms.wide)] * gradient; }`,
        )}
      }
      let first = chunk * out_all * per_kernel + (group * uniforms.out_channels + channel) * per_kernel + weight;
      ${each(
        (k) => `if (weight + ${k} < per_kernel) {
          ${each((lane) => `if (channel + ${lane} < uniforms.out_channels) { result[first + ${lane} * per_kernel + ${k}] = sum${k}[${lane}]; }`)}
        }`,
      )}`,
  };
}
