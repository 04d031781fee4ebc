// The simplifying passes, each alone and together.
import { describe, expect, it } from "vitest";
import { allOps } from "../../src/all-ops.ts";
import { type Graph, type Op, at } from "../../src/index.ts";
import { liveness } from "../../src/backends.ts";
import { graphKey } from "../../src/graph/graph-key.ts";
import { removeDead } from "../../src/passes/remove-dead.ts";
import { removeIdentities } from "../../src/passes/remove-identities.ts";
import { shareEqualNodes } from "../../src/passes/share-equal-nodes.ts";
import { simplify } from "../../src/passes/simplify.ts";
import { printGraph } from "../../src/graph/print.ts";

const scalar = { shape: [], dtype: "float32" } as const;

function op(name: string): Op {
  const found = allOps[name];
  if (!found) throw new Error(`no op ${name}`);
  return found;
}

/** A graph of scalars: inputs a and b, then each node as [op, inputs, attributes?]. */
function graphOf(
  nodes: readonly (readonly [string, readonly number[], Graph["nodes"][number]["attrs"]?])[],
  outputs: readonly number[],
  more: Partial<Graph> = {},
): Graph {
  return {
    values: Array.from({ length: 2 + nodes.length }, () => scalar),
    inputs: [
      { value: 0, role: "param", name: "a" },
      { value: 1, role: "data", name: "b" },
    ],
    constants: [],
    nodes: nodes.map(([name, inputs, attrs = {}], index) => ({ op: op(name), inputs, outputs: [index + 2], attrs })),
    outputs: outputs.map((value, index) => ({ value, name: `out${index}` })),
    writebacks: [],
    ...more,
  };
}

const text = (graph: Graph): string[] => printGraph(graph).trim().split("\n");

it("identities go, also chains of them, also where they are results or written back", () => {
  const graph = graphOf(
    [
      ["identity", [0]],
      ["stopGradient", [2]],
      ["add", [3, 1]],
      ["identity", [4]],
    ],
    [5, 3],
    { writebacks: [{ from: 5, to: 0 }] },
  );
  expect(text(removeIdentities(graph).graph).slice(2)).toEqual([
    "%2: float32[] = add(%0, %1)",
    'return %2 as "out0"',
    'return %0 as "out1"',
    "write %2 to %0",
  ]);
});

describe("equal nodes", () => {
  it("become one, through what depends on them", () => {
    const graph = graphOf(
      [
        ["add", [0, 1]],
        ["exp", [2]],
        ["add", [0, 1]],
        ["exp", [4]],
        ["mul", [3, 5]],
      ],
      [6],
    );
    const { graph: shared, nodes } = shareEqualNodes(graph);
    expect(nodes).toEqual([0, 1, 4]);
    expect(text(shared).slice(2, 5)).toEqual([
      "%2: float32[] = add(%0, %1)",
      "%3: float32[] = exp(%2)",
      "%4: float32[] = mul(%3, %3)",
    ]);
  });

  it("differ in operands, their order, or attributes: 0 and -0, 1 and true", () => {
    const full = (value: number): [string, number[], { shape: number[]; value: number; dtype: string }] => [
      "full",
      [],
      { shape: [], value, dtype: "float32" },
    ];
    const graph = graphOf(
      [["sub", [0, 1]], ["sub", [1, 0]], full(0), full(-0), full(Number.NaN), full(Number.NaN)],
      [2, 3, 4, 5, 6, 7],
    );
    expect(shareEqualNodes(graph).nodes).toEqual([0, 1, 2, 3, 4]);
  });
});

describe("dead code", () => {
  it("nodes, constants and inputs that no result needs go; an input that is written to stays", () => {
    const graph = graphOf(
      [
        ["exp", [1]],
        ["log", [2]],
      ],
      [],
      {
        values: [scalar, scalar, scalar, scalar, scalar],
        constants: [{ value: 4, data: Float32Array.of(1) }],
        outputs: [],
        writebacks: [{ from: 0, to: 0 }],
      },
    );
    const { graph: live, nodes, inputs } = removeDead(graph);
    expect([live.nodes, live.constants, nodes, inputs]).toEqual([[], [], [], [0]]);
    expect(removeDead(graph, { keepInputs: true }).inputs).toEqual([0, 1]);
  });

  it("a node stays for one of its outputs", () => {
    const plane = { shape: [1, 1, 2, 2], dtype: "float32" } as const;
    const pooled = { shape: [1, 1, 1, 1], dtype: "float32" } as const;
    const graph: Graph = {
      values: [plane, pooled, { ...pooled, dtype: "int32" }],
      inputs: [{ value: 0, role: "data", name: "x" }],
      constants: [],
      nodes: [
        {
          op: op("maxPool"),
          inputs: [0],
          outputs: [1, 2],
          attrs: {
            kernel: [2, 2],
            stride: [2, 2],
            dilation: [1, 1],
            padding: [
              [0, 0],
              [0, 0],
            ],
          },
        },
      ],
      outputs: [{ value: 2, name: "indices" }],
      writebacks: [],
    };
    expect(removeDead(graph).nodes).toEqual([0]);
    expect(liveness(graph).deadAfter).toEqual([[0, 1]]);
  });
});

it("together: what was equal only behind identities, and dead only after sharing", () => {
  const graph = graphOf(
    [
      ["identity", [0]],
      ["exp", [2]],
      ["exp", [0]],
      ["neg", [4]],
      ["add", [3, 4]],
    ],
    [6],
  );
  const { graph: simple, nodes, inputs } = simplify(graph);
  expect(text(simple)).toEqual([
    '%0: float32[] = param "a"',
    "%1: float32[] = exp(%0)",
    "%2: float32[] = add(%1, %1)",
    'return %2 as "out0"',
  ]);
  expect([nodes, inputs]).toEqual([[1, 4], [0]]);
});

describe("liveness", () => {
  it("a value dies after its last reader, an unread output at once, a result never", () => {
    const graph = graphOf(
      [
        ["add", [0, 1]],
        ["exp", [2]],
        ["neg", [2]],
        ["mul", [0, 3]],
      ],
      [5],
    );
    expect(liveness(graph)).toEqual({ deadAfter: [[1], [], [2, 4], [0, 3]], unread: [] });
  });

  it("an input that is a result or that nothing reads", () => {
    const graph = graphOf([["exp", [0]]], [0, 2]);
    expect(liveness(graph)).toEqual({ deadAfter: [[]], unread: [1] });
  });
});

describe("the key of a graph", () => {
  const base = graphOf([["add", [0, 1]]], [2]);
  it("does not depend on names and sites", () => {
    const renamed = {
      ...base,
      inputs: base.inputs.map((input) => ({ ...input, name: "other" })),
      nodes: base.nodes.map((node) => ({ ...node, site: "here" })),
    };
    expect(graphKey(renamed)).toBe(graphKey(base));
  });

  it("depends on ops, wiring, shapes, attributes, constants, results and writebacks", () => {
    const others: Graph[] = [
      graphOf([["sub", [0, 1]]], [2]),
      graphOf([["add", [1, 0]]], [2]),
      graphOf([["add", [0, 1]]], [0]),
      { ...base, values: base.values.with(0, { shape: [2], dtype: "float32" }) },
      { ...base, writebacks: [{ from: 2, to: 0 }] },
      { ...base, values: [...base.values, scalar], constants: [{ value: 3, data: Float32Array.of(0) }] },
      { ...base, values: [...base.values, scalar], constants: [{ value: 3, data: Float32Array.of(-0) }] },
      graphOf([["full", [], { shape: [], value: 0, dtype: "float32" }]], [2]),
      graphOf([["full", [], { shape: [], value: -0, dtype: "float32" }]], [2]),
    ];
    const keys = [base, ...others].map(graphKey);
    expect(new Set(keys).size).toBe(keys.length);
    expect(at(keys, 0)).not.toBe("");
  });
});
