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
/** Fewest positions that one thread sums, where there are so many. */
const shortestChunk = 64;
/** Longer lines are cut, for the sake of one spatial axis only. */
const longestLine = 256;

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
  const columns = at(narrow, 2);
  const cuts = Math.ceil(columns / longestLine);
  const lineLength = Math.ceil(columns / Math.max(1, cuts));
  const lines = at(x.aval.shape, 0) * at(narrow, 0) * at(narrow, 1) * cuts;
  if (lines === 0) {
    const output = runtime.allocate(aval, inputs);
    fill(runtime, output, 0);
    return [output];
  }
  const wantedChunks = Math.min(
    Math.ceil(enoughThreads / Math.max(1, tiles)),
    Math.floor((lines * lineLength) / shortestChunk),
  );
  const chunkLines = Math.ceil(lines / Math.min(lines, Math.max(1, wantedChunks)));
  const chunks = Math.ceil(lines / chunkLines);
  const weights = sizeOf(aval.shape);
  const parts = runtime.allocate(chunks === 1 ? aval : { shape: [chunks, weights], dtype: aval.dtype }, inputs);
  runtime.run(remembered("convWeightGradient", program), [x, dy], parts, weights === 0 ? 0 : tiles * chunks, [
    ...windowValues(window, wide, narrow),
    [groups],
    [inChannels],
    [outChannels],
    [Math.ceil(outChannels / 4)],
    [Math.ceil(perKernel / 4)],
    [lines],
    [chunkLines],
    [cuts],
    [lineLength],
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
      ["lines", "i32"],
      ["chunk_lines", "i32"],
      ["cuts", "i32"],
      ["line_length", "i32"],
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
      let end = min(uniforms.lines, (chunk + 1) * uniforms.chunk_lines);
      for (var line = chunk * uniforms.chunk_lines; line < end; line++) {
        let row_index = line / uniforms.cuts;
        let begin = (line - row_index * uniforms.cuts) * uniforms.line_length;
        let finish = min(begin + uniforms.line_length, uniforms.narrow.z);
        let sheet_index = row_index / uniforms.narrow.y;
        let row = row_index - sheet_index * uniforms.narrow.y;
        let image = sheet_index / uniforms.narrow.x;
        let sheet = sheet_index - image * uniforms.narrow.x;
        let dy_start = image * out_all * uniforms.narrow_size + (sheet * uniforms.narrow.y + row) * uniforms.narrow.z;
        let x_start = image * in_all * uniforms.wide_size;
        ${each(
          (k) => `let up${k} = vec2<i32>(sheet, row) * uniforms.stride.xy + tap${k}.xy;
          let row_inside${k} = all(up${k} >= vec2<i32>(0)) && all(up${k} < uniforms.wide.xy);
          let x_line${k} = x_start + plane${k} + (up${k}.x * uniforms.wide.y + up${k}.y) * uniforms.wide.z;`,
        )}
        for (var column = begin; column < finish; column++) {
          let at = dy_start + column;
          let gradient = vec4<f32>(dy[at + dy0], dy[at + dy1], dy[at + dy2], dy[at + dy3]);
          ${each(
            (k) => `let x_at${k} = column * uniforms.stride.z + tap${k}.z;
            if (row_inside${k} && x_at${k} >= 0 && x_at${k} < uniforms.wide.z) { sum${k} += x[x_line${k} + x_at${k}] * gradient; }`,
          )}
        }
      }
      let first = chunk * out_all * per_kernel + (group * uniforms.out_channels + channel) * per_kernel + weight;
      ${each(
        (k) => `if (weight + ${k} < per_kernel) {
          ${each((lane) => `if (channel + ${lane} < uniforms.out_channels) { result[first + ${lane} * per_kernel + ${k}] = sum${k}[${lane}]; }`)}
        }`,
      )}`,
  };
}
