// Reading and writing at indices of one axis: own WGSL, one thread for each element of the result or, where sums are long and lanes many, for each
// lane. No thread writes where another does, so that sums have the same order, and the same bits, in every run; an index outside the axis is read as
// NaN or 0 and writes nothing.
import { at, sizeOf, toStored } from "@stria/core";
import { numberOf } from "../attributes.ts";
import { remembered } from "../engine/remembered.ts";
import { type Kernel, outputOf } from "../kernel.ts";
import type { Program } from "../program.ts";
import { wgslType } from "../tensor.ts";

/** Elements of the result are at [outer][k][column]: k of `places` along the axis, column of `row`. */
const uniforms: Program["uniforms"] = [
  ["axis_length", "i32"],
  ["places", "i32"],
  ["row", "i32"],
];

const reading =
  (name: string, place: string): Kernel =>
  (runtime, node, inputs) => {
    const [x, indices] = [at(inputs, 0), at(inputs, 1)];
    const { shape, dtype } = x.aval;
    const axis = numberOf(node.attrs, "axis");
    const output = runtime.allocate(outputOf(node), inputs);
    const outside =
      dtype === "float32" ? "uniforms.NAN" : String(dtype === "float16" ? toStored(dtype, Number.NaN) : 0);
    const key = `${name} ${outside}`;
    const program = remembered(key, () => ({
      key,
      inputs: ["x", "indices"],
      uniforms,
      main: `
        let slab = index / uniforms.row;
        let place = indices[${place}];
        let found = place >= 0 && place < uniforms.axis_length;
        let start = slab / uniforms.places * uniforms.axis_length;
        let value = x[select(0, (start + place) * uniforms.row + index % uniforms.row, found)];
        result[index] = select(${outside}, value, found);`,
    }));
    const rank = output.aval.shape.length - shape.length + 1;
    runtime.run(program, [x, indices], output, sizeOf(output.aval.shape), [
      [at(shape, axis)],
      [sizeOf(output.aval.shape.slice(axis, axis + rank))],
      [sizeOf(shape.slice(axis + 1))],
    ]);
    return [output];
  };

export const take: Kernel = reading("take", "slab % uniforms.places");
export const gather: Kernel = reading("gather", "index");

interface Writing {
  readonly name: string;
  /** WGSL: the place of index k of the lane, where `update` is the place of its element among all. */
  readonly place: string;
  /** What a place holds that no index names, and what it holds after an index that does. */
  readonly start: string;
  readonly next: (value: string) => string;
}

/** A step of a sum that waits for memory takes as long as so many steps that do not. */
const waiting = 40;
/** Threads that run side by side. */
const parallel = 10_000;

/** Whether one thread for each lane, which writes as it goes, is done sooner than one for each place, each of which looks at all indices. */
function byLane(lanes: number, length: number, count: number): boolean {
  const rounds = (threads: number): number => Math.max(1, threads / parallel);
  return waiting * (count + length) * rounds(lanes) < count * rounds(lanes * length);
}

const eachIndex = (place: string, statement: string): string => `
  for (var k = 0; k < uniforms.places; k++) {
    let update = (outer * uniforms.places + k) * uniforms.row + column;
    let place = indices[${place}];
    ${statement}
  }`;

function writingProgram(
  key: string,
  { place, start, next }: Writing,
  inputs: readonly string[],
  lanes: boolean,
): Program {
  const column = "let column = index % uniforms.row;";
  return {
    key,
    inputs,
    uniforms,
    main: lanes
      ? `
        ${column}
        let outer = index / uniforms.row;
        let first = outer * uniforms.axis_length * uniforms.row + column;
        for (var k = 0; k < uniforms.axis_length; k++) { result[first + k * uniforms.row] = ${start}; }
        ${eachIndex(
          place,
          `if (place >= 0 && place < uniforms.axis_length) {
             let target_place = first + place * uniforms.row;
             result[target_place] = ${next("result[target_place]")};
           }`,
        )}`
      : `
        ${column}
        let slab = index / uniforms.row;
        let outer = slab / uniforms.axis_length;
        let own = slab % uniforms.axis_length;
        var value = ${start};
        ${eachIndex(place, `if (place == own) { value = ${next("value")}; }`)}
        result[index] = value;`,
  };
}

const writing =
  (code: Writing): Kernel =>
  (runtime, node, inputs) => {
    const output = runtime.allocate(outputOf(node), inputs);
    const { shape, dtype } = output.aval;
    const axis = numberOf(node.attrs, "axis");
    const given = at(inputs, 0).aval.shape;
    const [lanes, length] = [sizeOf(shape.toSpliced(axis, 1)), at(shape, axis)];
    const count = sizeOf(given.slice(axis, axis + given.length - shape.length + 1));
    const together = byLane(lanes, length, count);
    const key = `${code.name} ${wgslType(dtype)} ${together ? "by lane" : "by place"}`;
    const names = inputs.length === 1 ? ["indices"] : ["dy", "indices"];
    const program = remembered(key, () =>
      writingProgram(key, { ...code, start: `${wgslType(dtype)}(${code.start})` }, names, together),
    );
    runtime.run(program, inputs, output, together ? lanes : sizeOf(shape), [
      [length],
      [count],
      [sizeOf(shape.slice(axis + 1))],
    ]);
    return [output];
  };

const added = (value: string): string => `${value} + dy[update]`;

export const takeGradient: Kernel = writing({ name: "takeGradient", place: "k", start: "0", next: added });
export const gatherGradient: Kernel = writing({ name: "gatherGradient", place: "update", start: "0", next: added });
export const scatterPlaces: Kernel = writing({ name: "scatterPlaces", place: "update", start: "-1", next: () => "k" });
