// matmul: own WGSL without workgroup memory, each thread a tile of 4 x 4, with batch axes walked by strides; TF.js's tiled kernels for
// large products.
import { type NodeSpec, at, sizeOf, stridesOf } from "@stria/core";
import { flagOf } from "../attributes.ts";
import { axisFields, axisValues, dotStrides, takeApart } from "../engine/axes.ts";
import { broadcastStrides, collapse } from "../engine/collapse.ts";
import { remembered } from "../engine/remembered.ts";
import { type Kernel, outputOf } from "../kernel.ts";
import type { Program } from "../program.ts";
import type { Runtime } from "../runtime.ts";
import type { DeviceTensor } from "../tensor.ts";

const manyProducts = 2 ** 24;
/** TF.js's tile along the inner axis. */
const innerTile = 32;

interface Sizes {
  readonly batch: readonly number[];
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

function sizesOf(node: NodeSpec): Sizes {
  const shape = outputOf(node).shape;
  const a = at(node.inputs, 0).shape;
  return {
    batch: shape.slice(0, -2),
    rows: at(shape, shape.length - 2),
    columns: at(shape, shape.length - 1),
    inner: at(a, a.length - (flagOf(node.attrs, "transposeA") ? 2 : 1)),
  };
}

/**
 * Whether TF.js takes it well. Not where the inner axis is no multiple of its tile: it then multiplies what lies behind B by 0, and a NaN
 * or an infinity there spoils results that it has no part in. Not few large products (fewer than 16 tiles): it would add up the
 * parts of the inner axis with atomics, in no fixed order.
 */
function worthTfjs({ batch, rows, inner, columns }: Sizes): boolean {
  const tiles = sizeOf(batch) * Math.ceil(rows / 32) * Math.ceil(columns / 32);
  return inner % innerTile === 0 && tiles > 16 && sizeOf(batch) * rows * inner * columns >= manyProducts;
}

export const matmul: Kernel = (runtime, node, inputs) => {
  const sizes = sizesOf(node);
  const [a, b] = [at(inputs, 0), at(inputs, 1)];
  const batches = sizeOf(sizes.batch);
  const plain = [a, b].every((tensor) => [batches, 1].includes(sizeOf(tensor.aval.shape.slice(0, -2))));
  return [plain && worthTfjs(sizes) ? matmulByTfjs(runtime, node, a, b) : direct(runtime, node, sizes, a, b)];
};

/** TF.js's product. Batch axes must be equal, or one of the two operands a single matrix. */
export function matmulByTfjs(runtime: Runtime, node: NodeSpec, a: DeviceTensor, b: DeviceTensor): DeviceTensor {
  const seen = (tensor: DeviceTensor): [DeviceTensor, number[]] => {
    const { shape } = tensor.aval;
    return [tensor, [sizeOf(shape.slice(0, -2)), at(shape, shape.length - 2), at(shape, shape.length - 1)]];
  };
  const { transposeA, transposeB } = node.attrs;
  return runtime.runTfjs(
    "BatchMatMul",
    { a: seen(a), b: seen(b) },
    { transposeA: transposeA === true, transposeB: transposeB === true },
    outputOf(node),
  );
}

function direct(
  runtime: Runtime,
  node: NodeSpec,
  { batch, rows, inner, columns }: Sizes,
  a: DeviceTensor,
  b: DeviceTensor,
): DeviceTensor {
  const aval = outputOf(node);
  const output = runtime.allocate(aval, [a, b]);
  const batchStrides = (tensor: DeviceTensor): number[] => {
    const lead = tensor.aval.shape.slice(0, -2);
    const size = sizeOf(tensor.aval.shape.slice(-2));
    return broadcastStrides(lead, batch).map((stride) => stride * size);
  };
  const { dims, strides } = collapse(batch, [batchStrides(a), batchStrides(b)]);
  const matrixStrides = (tensor: DeviceTensor, swapped: boolean): number[] => {
    const [row, column] = stridesOf(tensor.aval.shape.slice(-2));
    return swapped ? [column ?? 0, row ?? 0] : [row ?? 0, column ?? 0];
  };
  const key = `matmul ${dims.length}`;
  const program = remembered(key, () => matmulProgram(key, dims.length));
  const threads = sizeOf(batch) * Math.ceil(rows / 4) * Math.ceil(columns / 4);
  runtime.run(program, [a, b], output, threads, [
    [rows, inner, columns],
    [Math.ceil(rows / 4), Math.ceil(columns / 4)],
    [...matrixStrides(a, flagOf(node.attrs, "transposeA")), ...matrixStrides(b, flagOf(node.attrs, "transposeB"))],
    ...axisValues(dims),
    ...axisValues(at(strides, 0)),
    ...axisValues(at(strides, 1)),
  ]);
  return output;
}

const four = [0, 1, 2, 3] as const;

function matmulProgram(key: string, rank: number): Program {
  const each = (text: (k: number) => string): string => four.map(text).join("\n");
  return {
    key,
    inputs: ["a", "b"],
    uniforms: [
      ["sizes", "vec3<i32>"],
      ["tiles", "vec2<i32>"],
      ["steps", "vec4<i32>"],
      ...axisFields("batch", rank),
      ...axisFields("a_batch", rank),
      ...axisFields("b_batch", rank),
    ],
    main: `
      let column = (index % uniforms.tiles.y) * 4;
      let rest = index / uniforms.tiles.y;
      let row = (rest % uniforms.tiles.x) * 4;
      let matrix = rest / uniforms.tiles.x;
      ${takeApart("matrix", "batch", "m", rank)}
      let a_start = ${dotStrides("m", "a_batch", rank)};
      let b_start = ${dotStrides("m", "b_batch", rank)};
      let last_row = uniforms.sizes.x - 1;
      let last_column = uniforms.sizes.z - 1;
      ${each(
        (k) => `var a${k} = a_start + min(row + ${k}, last_row) * uniforms.steps.x;
        var b${k} = b_start + min(column + ${k}, last_column) * uniforms.steps.w;
        var sum${k} = vec4<f32>(0.0);`,
      )}
      for (var k = 0; k < uniforms.sizes.y; k++) {
        let across = vec4<f32>(b[b0], b[b1], b[b2], b[b3]);
        ${each((k) => `sum${k} += a[a${k}] * across;`)}
        ${each((k) => `a${k} += uniforms.steps.y; b${k} += uniforms.steps.z;`)}
      }
      let first = (matrix * uniforms.sizes.x + row) * uniforms.sizes.z + column;
      ${each(
        (k) => `if (row + ${k} <= last_row) {
          ${each((lane) => `if (column + ${lane} <= last_column) { result[first + ${k} * uniforms.sizes.z + ${lane}] = sum${k}[${lane}]; }`)}
        }`,
      )}`,
  };
}
