// Sorting: own WGSL. Every element counts how many of its block come before it; then blocks are merged, two and two: every element finds its place among
// the others by bisection. Equals keep their order, so there is one right answer, and no thread writes where another does.
import { at, sizeOf } from "@stria/core";
import { flagOf, numberOf } from "../attributes.ts";
import { remembered } from "../engine/remembered.ts";
import { type Kernel, outputOf } from "../kernel.ts";
import type { Program } from "../program.ts";
import type { Runtime } from "../runtime.ts";
import { type DeviceTensor, wgslType } from "../tensor.ts";

/** Elements that are compared one with all. */
const block = 256;

// Bits compare as numbers do, and see what arithmetic may flush to 0: both zeros are 0, all NaN the largest.
const keyOf = {
  f32: `fn key(x : f32) -> i32 {
    let bits = bitcast<i32>(x);
    let magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) { return 0x7fffffff; }
    return select(magnitude, -magnitude, bits < 0);
  }`,
  i32: "fn key(x : i32) -> i32 { return x; }",
} as const;

const uniforms: Program["uniforms"] = [
  ["axis_length", "i32"],
  ["row", "i32"],
  ["width", "i32"],
  ["kept", "i32"],
];

/** WGSL that puts element `self_place` of the lane at `position` of its order; the last pass into the result as it is wanted. */
const put = (last: boolean): string =>
  last
    ? `if (position < uniforms.kept) {
         result[(lane / uniforms.row * uniforms.kept + position) * uniforms.row + lane % uniforms.row] = self_place;
       }`
    : "result[lane * uniforms.axis_length + position] = self_place;";

const lane = `
  let lane = index / uniforms.axis_length;
  let spot = index % uniforms.axis_length;
  let start = lane / uniforms.row * uniforms.axis_length * uniforms.row + lane % uniforms.row;`;

const element = (place: string): string => `key(x[start + ${place} * uniforms.row])`;

/** Ranks in each block of `width` elements. */
function blocksProgram(key: string, type: "f32" | "i32", before: string, last: boolean): Program {
  return {
    key,
    inputs: ["x"],
    uniforms,
    functions: keyOf[type],
    main: `${lane}
      let self_place = spot;
      let own = ${element("spot")};
      let first = spot / uniforms.width * uniforms.width;
      let end = min(first + uniforms.width, uniforms.axis_length);
      var position = first;
      for (var other = first; other < end; other++) {
        let their = ${element("other")};
        if (their ${before} own || (their == own && other < spot)) { position++; }
      }
      ${put(last)}`,
  };
}

/** Merges runs of `width` elements: of the left one goes before what is not less, of the right one after what is not greater. */
function mergeProgram(key: string, type: "f32" | "i32", before: string, last: boolean): Program {
  return {
    key,
    inputs: ["x", "order"],
    uniforms,
    functions: keyOf[type],
    main: `${lane}
      let self_place = order[index];
      let own = ${element("self_place")};
      let first = spot / (2 * uniforms.width) * (2 * uniforms.width);
      let middle = min(first + uniforms.width, uniforms.axis_length);
      let end = min(first + 2 * uniforms.width, uniforms.axis_length);
      let is_left = spot < middle;
      let run = select(first, middle, is_left);
      var low = run;
      var high = select(middle, end, is_left);
      while (low < high) {
        let half = (low + high) / 2;
        let their = ${element("order[lane * uniforms.axis_length + half]")};
        if (their ${before} own || (!is_left && their == own)) { low = half + 1; } else { high = half; }
      }
      let position = low - run + select(first + spot - middle, spot, is_left);
      ${put(last)}`,
  };
}

export const argSort: Kernel = (runtime, node, inputs) => {
  const x = at(inputs, 0);
  const { shape, dtype } = x.aval;
  const [axis, kept] = [numberOf(node.attrs, "axis"), numberOf(node.attrs, "count")];
  const [type, before] = [wgslType(dtype), flagOf(node.attrs, "descending") ? ">" : "<"];
  const [length, row] = [at(shape, axis), sizeOf(shape.slice(axis + 1))];
  const output = runtime.allocate(outputOf(node), inputs);
  if (sizeOf(output.aval.shape) === 0) return [output];

  /** One pass over all elements; what it makes is the result if it is the last. */
  const pass = (make: typeof blocksProgram, sources: readonly DeviceTensor[], width: number): DeviceTensor => {
    const last = (sources.length === 1 ? width : 2 * width) >= length;
    const key = `argSort ${sources.length === 1 ? "blocks" : "merge"} ${type} ${before} ${last}`;
    const target = last ? output : runtime.allocate({ shape: [sizeOf(shape)], dtype: "int32" }, inputs);
    const program = remembered(key, () => make(key, type, before, last));
    runtime.run(program, sources, target, sizeOf(shape), [[length], [row], [width], [kept]]);
    return target;
  };
  let order = pass(blocksProgram, [x], block);
  for (let width = block; order !== output; width *= 2)
    order = merged(runtime, order, pass(mergeProgram, [x, order], width));
  return [output];
};

/** The next order; the one before it is no longer needed. */
function merged(runtime: Runtime, before: DeviceTensor, next: DeviceTensor): DeviceTensor {
  runtime.free(before);
  return next;
}
