// The passes change no bit: random graphs, full of what the passes look for, run on the reference before and after.
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { allOps } from "../../src/all-ops.ts";
import {
  type Attrs,
  type Aval,
  type Graph,
  type GraphNode,
  type TypedArray,
  allocate,
  at,
  sizeOf,
} from "../../src/index.ts";
import { foldConstants } from "../../src/passes/fold-constants.ts";
import type { Pruned } from "../../src/passes/prune.ts";
import { simplify } from "../../src/passes/simplify.ts";
import { simplifyAlgebra } from "../../src/passes/simplify-algebra.ts";
import { reference } from "../../src/reference/index.ts";
import { generator } from "../support/numbers.ts";

const backend = reference();
const specials = [0, -0, 1, -1, Number.NaN, Infinity, -Infinity, 0.1, 2.5, -1e-40, 3e38];

/** Draws a graph: inputs of a few shapes and dtypes, then nodes on what is there. */
class Draw {
  readonly #next: () => number;
  readonly values: Aval[] = [];
  readonly nodes: GraphNode[] = [];

  constructor(seed: number) {
    this.#next = generator(seed);
  }

  int(below: number): number {
    return Math.floor(this.#next() * below);
  }

  pick<T>(items: readonly T[]): T {
    return at(items, this.int(items.length));
  }

  value(fits: (value: Aval) => boolean = () => true): number {
    const found = [...this.values.keys()].filter((value) => fits(at(this.values, value)));
    return found.length === 0 ? -1 : this.pick(this.int(3) === 0 ? found : found.slice(-4));
  }

  /** Appends a node where the op accepts it. */
  add(name: string, inputs: readonly number[], attrs: Attrs = {}): void {
    const op = allOps[name];
    if (!op || inputs.includes(-1)) return;
    try {
      const made = op.infer(
        inputs.map((value) => at(this.values, value)),
        attrs,
      );
      const outputs = made.map((value) => this.values.push(value) - 1);
      this.nodes.push({ op, inputs, outputs, attrs });
    } catch {
      // It does not fit.
    }
  }

  data({ shape, dtype }: Aval): TypedArray {
    const data = allocate(dtype, sizeOf(shape));
    for (let index = 0; index < data.length; index++)
      data[index] = dtype === "bool" ? this.int(2) : dtype === "int32" ? this.int(7) - 3 : this.pick(specials);
    return data;
  }
}

function grow(draw: Draw): void {
  const x = draw.value();
  const { shape, dtype } = at(draw.values, x);
  const rank = shape.length;
  const same = draw.value((value) => value.dtype === dtype);
  const axes = [...shape.keys()];
  const permutation = draw.pick([axes, axes.toReversed(), [...axes.slice(0, -2), ...axes.slice(-2).toReversed()]]);
  const kinds: (() => void)[] = [
    () =>
      draw.add("full", [], {
        shape: draw.pick([shape, [], [1]]),
        dtype,
        value: dtype === "float32" ? draw.pick(specials) : draw.int(2),
      }),
    () =>
      draw.add("full", [], {
        shape: draw.pick([shape, []]),
        dtype,
        value: dtype === "float32" ? draw.pick([0, -0, 1]) : draw.int(2),
      }),
    () =>
      draw.add(
        draw.pick(["add", "sub", "mul", "div", "pow", "maximum", "minimum"]),
        draw.pick([
          [x, same],
          [same, x],
        ]),
      ),
    () =>
      draw.add(
        draw.pick(["add", "sub", "mul", "div", "pow"]),
        draw.pick([
          [x, same],
          [same, x],
        ]),
      ),
    () => draw.add(draw.pick(["equal", "less", "lessEqual", "logicalAnd"]), [x, same]),
    () => draw.add(draw.pick(["neg", "abs", "logicalNot", "sqrt", "floor", "exp"]), [x]),
    () => draw.add(draw.pick(["neg", "logicalNot"]), [x]),
    () => draw.add("cast", [x], { dtype: draw.pick(["float32", "int32", "uint8", "bool", "float16", dtype]) }),
    () => draw.add("reshape", [x], { shape: draw.pick([shape, [sizeOf(shape)], [1, ...shape], shape.toReversed()]) }),
    () => draw.add("transpose", [x], { permutation }),
    () => draw.add("transpose", [x], { permutation }),
    () =>
      draw.add("broadcastTo", [x], {
        shape: draw.pick([shape, [2, ...shape], shape.map((length) => (length === 1 ? 3 : length))]),
      }),
    () =>
      draw.add("slice", [x], {
        start: shape.map(() => draw.int(2)),
        size: shape.map((length) => Math.max(0, length - 1 - draw.int(2))),
        stride: shape.map(() => 1),
      }),
    () =>
      draw.add("slice", [x], {
        start: shape.map(() => 0),
        size: shape.map((length) => Math.ceil(length / 2)),
        stride: shape.map(() => 2),
      }),
    () => draw.add("flip", [x], { axes: axes.filter(() => draw.int(2) === 0) }),
    () => draw.add("pad", [x], { padding: shape.map(() => [draw.int(2), 0] as const), value: draw.pick([0, 1]) }),
    () => draw.add("pad", [x], { padding: shape.map(() => [0, 0] as const), value: 0 }),
    () => draw.add("concat", draw.pick([[x], [x, same]]), { axis: draw.int(Math.max(1, rank)) }),
    () => draw.add("where", [draw.value((value) => value.dtype === "bool"), x, same]),
    () => draw.add("where", [draw.value((value) => value.dtype === "bool"), x, x]),
    () => draw.add("matmul", [x, same], { transposeA: draw.int(2) === 0, transposeB: draw.int(2) === 0 }),
    () => draw.add("matmul", [x, same], { transposeA: false, transposeB: false }),
    () => draw.add("sum", [x], { axes: axes.slice(0, draw.int(rank + 1)), keepDims: draw.int(2) === 0 }),
  ];
  draw.pick(kinds)();
}

function randomGraph(seed: number): { graph: Graph; inputs: readonly TypedArray[] } {
  const draw = new Draw(seed);
  const shapes = [[2, 2], [], [3], [2, 3], [2, 1, 2], [1, 3]];
  for (const dtype of ["float32", "float32", "int32", "bool", "float32"] as const)
    draw.values.push({ shape: draw.pick(shapes), dtype });
  const given = draw.values.slice();
  const constant = draw.values.push({ shape: [], dtype: "float32" }) - 1;
  for (let step = 0; step < 30; step++) grow(draw);
  const { values, nodes } = draw;
  const wanted = [...values.keys()].filter(
    (value) => value >= given.length && (value > values.length - 4 || draw.int(6) === 0),
  );
  return {
    graph: {
      values,
      nodes,
      inputs: given.map((_, value) => ({ value, role: "data", name: `x${value}` })),
      constants: [{ value: constant, data: Float32Array.of(draw.pick(specials)) }],
      outputs: wanted.map((value, index) => ({ value, name: `y${index}` })),
      writebacks: [],
    },
    inputs: given.map((value) => draw.data(value)),
  };
}

async function run(graph: Graph, inputs: readonly TypedArray[]): Promise<TypedArray[]> {
  const executable = await backend.compile(graph);
  const buffers = graph.inputs.map(({ value }, index) => backend.upload(at(inputs, index), at(graph.values, value)));
  const results = executable.run(buffers, [...buffers.keys()]);
  const found = await Promise.all(results.map((result) => backend.download(result)));
  for (const result of results) backend.free(result);
  executable.dispose();
  return found;
}

const bits = (data: TypedArray): string =>
  Array.from(data, (value) => (Object.is(value, -0) ? "-0" : String(value))).join();

const passes: Readonly<Record<string, (graph: Graph) => Pruned>> = { foldConstants, simplifyAlgebra, simplify };

it.each(Object.keys(passes))("%s: the same bits before and after", async (name) => {
  const pass = passes[name];
  if (!pass) throw new Error(name);
  let changed = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (seed) => {
      const { graph, inputs } = randomGraph(seed);
      const before = await run(graph, inputs);
      const { graph: after, inputs: kept, nodes } = pass(graph);
      const found = await run(
        after,
        kept.map((index) => at(inputs, index)),
      );
      expect(found.map(bits)).toEqual(before.map(bits));
      for (const [index, { value }] of after.outputs.entries())
        expect(after.values[value]).toEqual(graph.values[at(graph.outputs, index).value]);
      for (const { op, inputs: from, outputs, attrs } of after.nodes)
        expect(
          op.infer(
            from.map((value) => at(after.values, value)),
            attrs,
          ),
        ).toEqual(outputs.map((value) => after.values[value]));
      expect(nodes).toHaveLength(after.nodes.length);
      const ops = ({ nodes: list }: Graph): string => list.map(({ op }) => op.name).join();
      if (ops(after) !== ops(graph)) changed++;
    }),
    { numRuns: 400, seed: 7 },
  );
  expect(changed).toBeGreaterThan(100);
});
