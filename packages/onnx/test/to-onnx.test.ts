// What a written model looks like: names, types, attributes, and what is not in it. That runtimes compute it rightly is tested in backend-onnx.
import { fromBinary } from "@bufbuild/protobuf";
import { type Attrs, type Aval, type DType, type Graph, type NodeSpec, type Op, at } from "@stria/core";
import { allOps } from "@stria/core/all-ops";
import { describe, expect, test } from "vitest";
import { onnxSupports, toOnnx, toOnnxModel } from "../src/index.ts";
import { type AttributeProto, type GraphProto, ModelProtoSchema } from "../src/schema/onnx_pb.ts";

function op(name: string): Op {
  const found = allOps[name];
  if (!found) throw new Error(`there is no op ${name}`);
  return found;
}

const of = (dtype: DType, ...shape: number[]): Aval => ({ shape, dtype });

/** A graph of one node. */
function graphOf(name: string, inputs: readonly Aval[], attrs: Attrs = {}): Graph {
  const outputs = op(name).infer(inputs, attrs);
  const numbers = outputs.map((_, index) => inputs.length + index);
  return {
    values: [...inputs, ...outputs],
    inputs: inputs.map((_, value) => ({ value, role: "data", name: `x${value}` })),
    nodes: [{ op: op(name), inputs: inputs.map((_, value) => value), outputs: numbers, attrs }],
    constants: [],
    outputs: numbers.map((value, index) => ({ value, name: `y${index}` })),
    writebacks: [],
  };
}

function read(bytes: Uint8Array): GraphProto {
  const { graph } = fromBinary(ModelProtoSchema, bytes);
  if (!graph) throw new Error("the model has no graph");
  return graph;
}

/** Op types of the nodes, in order. */
const opTypes = (graph: GraphProto): string[] => graph.node.map(({ opType }) => opType);

function attributes(graph: GraphProto, index = 0): Record<string, unknown> {
  const plain = ({ name, i, f, ints, type }: AttributeProto): [string, unknown] => [
    name,
    type === 1 ? f : type === 2 ? Number(i) : ints.map(Number),
  ];
  return Object.fromEntries((graph.node[index]?.attribute ?? []).map(plain));
}

const conv: Attrs = {
  stride: [2, 1],
  padding: [
    [0, 1],
    [2, 3],
  ],
  dilation: [1, 2],
  groups: 2,
};

describe("a model", () => {
  test("says what it is", () => {
    const bytes = toOnnx(graphOf("neg", [of("float32", 2, 3)]), { name: "minus", metadata: { license: "none" } });
    const model = fromBinary(ModelProtoSchema, bytes);
    expect(model).toMatchObject({ irVersion: 8n, producerName: "stria", opsetImport: [{ domain: "", version: 18n }] });
    expect(model.metadataProps).toMatchObject([{ key: "license", value: "none" }]);
    expect(model.graph?.name).toBe("minus");
  });

  test("declares the types and shapes of its inputs and outputs", () => {
    const graph = read(toOnnx(graphOf("less", [of("int32", 2, 1), of("int32", 3)])));
    const described = [...graph.input, ...graph.output].map(({ name, type }) => {
      if (type?.value.case !== "tensorType") return [name];
      const { elemType, shape } = type.value.value;
      return [name, elemType, shape?.dim.map(({ value }) => value.value)];
    });
    expect(described).toEqual([
      ["x0", 6, [2n, 1n]],
      ["x1", 6, [3n]],
      ["y0", 9, [2n, 3n]],
    ]);
  });

  test("keeps the graph's names, and numbers the ones that are there twice", () => {
    const vector = of("float32", 2);
    const { bytes, inputs, outputs } = toOnnxModel({
      values: [vector, vector, vector, vector],
      inputs: [
        { value: 0, role: "param", name: "w" },
        { value: 1, role: "data", name: "w" },
      ],
      nodes: [{ op: op("sub"), inputs: [0, 1], outputs: [3], attrs: {}, site: "head.linear" }],
      constants: [{ value: 2, data: Float32Array.of(5, 6) }],
      outputs: [
        { value: 3, name: "y" },
        { value: 3, name: "y" },
        { value: 1, name: "" },
        { value: 2, name: "c" },
      ],
      writebacks: [{ from: 3, to: 0 }],
    });
    expect(inputs).toEqual(["w", "w_1"]);
    expect(outputs).toEqual(["y", "y_1", "output", "c", "next.w"]);
    const graph = read(bytes);
    expect(opTypes(graph)).toEqual(["Sub", "Identity", "Identity", "Identity", "Identity"]);
    expect(graph.node[0]).toMatchObject({ input: ["w", "w_1"], output: ["y"] });
    expect(graph.node[0]?.name).toContain("head.linear");
    expect(graph.output.map(({ name }) => name)).toEqual(outputs);
    expect(new Set(graph.node.flatMap(({ output }) => output)).size).toBe(graph.node.length);
  });

  test("holds constants exactly, little-endian", () => {
    const data = Float32Array.of(Number.NaN, -0, Infinity, 1e-45);
    const graph = read(
      toOnnx({
        values: [of("float32", 4), of("float32", 4)],
        inputs: [],
        nodes: [{ op: op("neg"), inputs: [0], outputs: [1], attrs: {} }],
        constants: [{ value: 0, data }],
        outputs: [{ value: 1, name: "y" }],
        writebacks: [],
      }),
    );
    expect(graph.initializer).toMatchObject([{ dims: [4n], dataType: 1 }]);
    const { buffer, byteOffset, byteLength } = at(graph.initializer, 0).rawData;
    const view = new DataView(buffer, byteOffset, byteLength);
    expect([0, 4, 8, 12].map((offset) => view.getUint32(offset, true))).toEqual([
      0x7fc00000, 0x80000000, 0x7f800000, 1,
    ]);
  });
});

describe("a node", () => {
  test("of a convolution carries every attribute", () => {
    const graph = read(toOnnx(graphOf("conv", [of("float32", 1, 4, 9, 9), of("float32", 6, 2, 3, 3)], conv)));
    expect(opTypes(graph)).toEqual(["Conv"]);
    expect(attributes(graph)).toEqual({
      kernel_shape: [3, 3],
      strides: [2, 1],
      dilations: [1, 2],
      pads: [0, 2, 1, 3],
      group: 2,
    });
  });

  test("of max pooling is plain where exact is false, and without indices where nothing reads them", () => {
    const pool = {
      kernel: [2, 2],
      stride: [2, 2],
      dilation: [1, 1],
      padding: [
        [0, 0],
        [0, 0],
      ],
    } as const;
    const graph = graphOf("maxPool", [of("float32", 1, 1, 4, 4)], pool);
    const values = { ...graph, outputs: graph.outputs.slice(0, 1) };
    expect(opTypes(read(toOnnx(values, { exact: false })))).toEqual(["MaxPool"]);
    expect(opTypes(read(toOnnx(graph, { exact: false })))).toEqual(["MaxPool", "Sub", "Cast"]);
    expect(opTypes(read(toOnnx(values)))).toEqual(["ReduceSumSquare", "Less", "If"]);
  });

  test("that reads at indices guards them, unless they are known to be inside or exact is false", () => {
    const [x, indices] = [of("float32", 5, 2), of("int32", 3)];
    const take = graphOf("take", [x, indices], { axis: 0 });
    expect(opTypes(read(toOnnx(take, { exact: false })))).toEqual(["Gather"]);
    expect(opTypes(read(toOnnx(take)))).toEqual(["LessOrEqual", "Less", "And", "Where", "Gather", "Reshape", "Where"]);
    const order = { axis: 0, descending: true, count: 3 };
    const sorted = read(
      toOnnx({
        values: [x, of("int32", 3, 2), of("float32", 3, 2)],
        inputs: [{ value: 0, role: "data", name: "x" }],
        nodes: [
          { op: op("argSort"), inputs: [0], outputs: [1], attrs: order },
          { op: op("gather"), inputs: [0, 1], outputs: [2], attrs: { axis: 0 } },
        ],
        constants: [],
        outputs: [{ value: 2, name: "y" }],
        writebacks: [],
      }),
    );
    expect(opTypes(sorted)).toEqual(["ReduceSumSquare", "Less", "If", "Cast", "GatherElements"]);
    const plain = read(toOnnx(graphOf("argSort", [x], order), { exact: false }));
    expect([opTypes(plain), attributes(plain)]).toEqual([["TopK", "Cast"], { axis: 0, largest: 1, sorted: 1 }]);
  });

  test("that reads where the largest are needs no guard, also where their places were reshaped", () => {
    const graph = read(
      toOnnx({
        values: [of("float32", 2, 4), of("int32", 2), of("int32", 2, 1), of("float32", 2, 1)],
        inputs: [{ value: 0, role: "data", name: "x" }],
        nodes: [
          { op: op("argMax"), inputs: [0], outputs: [1], attrs: { axis: 1, keepDims: false } },
          { op: op("reshape"), inputs: [1], outputs: [2], attrs: { shape: [2, 1] } },
          { op: op("gather"), inputs: [0, 2], outputs: [3], attrs: { axis: 1 } },
        ],
        constants: [],
        outputs: [{ value: 3, name: "y" }],
        writebacks: [],
      }),
    );
    expect(opTypes(graph).slice(-3)).toEqual(["Cast", "Reshape", "GatherElements"]);
  });

  test("that adds at indices leaves out what is outside", () => {
    const graph = graphOf("gatherGradient", [of("int32", 4, 2), of("int32", 4, 2)], { axis: 0, length: 3 });
    const written = read(toOnnx(graph));
    expect(opTypes(written)).toEqual(["LessOrEqual", "Less", "And", "Expand", "Where", "ScatterElements", "Slice"]);
    expect(opTypes(read(toOnnx(graph, { exact: false })))).toEqual(["Expand", "ScatterElements"]);
  });

  test("takes filled and broadcast tensors small", () => {
    const graph = read(
      toOnnx({
        values: [of("float32", 100, 100), of("float32", 100, 100), of("float32", 100, 100)],
        inputs: [{ value: 0, role: "data", name: "x" }],
        nodes: [
          { op: op("full"), inputs: [], outputs: [1], attrs: { shape: [100, 100], value: 0.5, dtype: "float32" } },
          { op: op("mul"), inputs: [0, 1], outputs: [2], attrs: {} },
        ],
        constants: [],
        outputs: [{ value: 2, name: "y" }],
        writebacks: [],
      }),
    );
    expect(opTypes(graph)).toEqual(["Mul"]);
    expect(graph.initializer).toMatchObject([{ dims: [], dataType: 1 }]);
  });

  test.each([
    ["bool comparisons as integers", "less", [of("bool", 2), of("bool", 2)], {}, ["Cast", "Cast", "Less"]],
    [
      "bool branches as bytes",
      "where",
      [of("bool", 2), of("bool", 2), of("bool", 2)],
      {},
      ["Cast", "Cast", "Where", "Cast"],
    ],
    [
      "NaN in maxima",
      "max",
      [of("float32", 2, 3)],
      { axes: [1], keepDims: false },
      ["ReduceMax", "ReduceSumSquare", "IsNaN", "Where"],
    ],
    ["int32 sums that wrap", "sum", [of("int32", 2, 3)], { axes: [1], keepDims: false }, ["Cast", "ReduceSum", "Cast"]],
    ["nothing for an empty result", "neg", [of("float32", 0, 3)], {}, ["Identity"]],
    ["nothing for a sum over nothing", "sum", [of("float32", 0)], { axes: [0], keepDims: false }, ["Identity"]],
  ] as const)("writes %s", (_, name, inputs, attrs, expected) => {
    expect(opTypes(read(toOnnx(graphOf(name, inputs, attrs))))).toEqual(expected);
  });
});

describe("what it takes", () => {
  const spec = (name: string, inputs: readonly Aval[], attrs: Attrs): NodeSpec => ({
    op: op(name),
    inputs,
    outputs: op(name).infer(inputs, attrs),
    attrs,
  });

  test("is every required op, and of the optional ones those that runtimes do well", () => {
    const pool = { kernel: [2], stride: [2], dilation: [1], padding: [[0, 0]] } as const;
    const x = of("float32", 1, 2, 8);
    expect(onnxSupports(spec("avgPool", [x], pool))).toBe(true);
    expect(onnxSupports(spec("avgPool", [x], { ...pool, dilation: [2] }))).toBe(false);
    expect(onnxSupports(spec("log1p", [x], {}))).toBe(false);
    const missing: Op = { name: "unheardOf", infer: (inputs) => inputs };
    expect(onnxSupports({ op: missing, inputs: [x], outputs: [x], attrs: {} })).toBe(false);
  });

  test("an op without a translation, and an attribute of the wrong kind, are named", () => {
    expect(() => toOnnx(graphOf("log1p", [of("float32", 2)]))).toThrow(/log1p: it has no translation.*legalise/);
    const graph = graphOf("transpose", [of("float32", 2, 3)], { permutation: [1, 0] });
    const broken = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, attrs: { permutation: "10" } })) };
    expect(() => toOnnx(broken)).toThrow(/permutation: attribute is "10"/);
  });
});
