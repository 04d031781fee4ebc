// Graphs as JSON: what is written is read again, and nothing that is read is trusted.
import { beforeAll, describe, expect, it } from "vitest";
import { allOps } from "../src/all-ops.ts";
import { type Graph, type Tensor, FormatError, at, bernoulli, compile, equalGraphs, fromJSON, graphDifference, pad, printGraph, tensor, toJSON, training, useBackend } from "../src/index.ts";
import { reference } from "../src/reference/index.ts";
import { batch, descent, smallModel } from "./support/model.ts";
import { gradientCases } from "./ops/cases.ts";

beforeAll(() => useBackend(reference()));

function fail(): never {
  throw new Error("the table lacks an op");
}

/** A parameter that takes 1.5, -0 and -infinity, constants of every dtype. */
function everything(): Graph {
  const scalar = { shape: [3], dtype: "float32" } as const;
  return {
    values: [scalar, scalar, { shape: [2], dtype: "int32" }, { shape: [3], dtype: "bool" }, scalar, scalar, { shape: [4], dtype: "float32" }],
    inputs: [
      { value: 0, role: "param", name: "weight" },
      { value: 5, role: "noise", name: "drop", noise: { stream: "drop/0", distribution: "bernoulli", parameters: [0.5] } },
    ],
    constants: [
      { value: 1, data: Float32Array.of(1.5, -0, -Infinity) },
      { value: 2, data: Int32Array.of(-1, 2 ** 31 - 1) },
      { value: 3, data: Uint8Array.of(0, 1, 1) },
    ],
    nodes: [
      { op: allOps["add"] ?? fail(), inputs: [0, 1], outputs: [4], attrs: {}, site: "layer1.0" },
      { op: allOps["pad"] ?? fail(), inputs: [4], outputs: [6], attrs: { padding: [[0, 1]], value: -Infinity } },
    ],
    outputs: [{ value: 6, name: "padded" }],
    writebacks: [{ from: 4, to: 0 }],
  };
}

const through = (graph: Graph): Graph => fromJSON(JSON.stringify(toJSON(graph)), allOps);

describe("what is written is read again", () => {
  it("constants to the bit, special numbers, noise, writebacks, sites", () => {
    const graph = everything();
    const again = through(graph);
    expect(again).toEqual(graph);
    expect(Object.is(again.constants[0]?.data[1], -0)).toBe(true);
    expect(JSON.stringify(toJSON(graph))).toContain('"value":"-Infinity"');
  });

  it.each([0, -0, Number.NaN, Infinity, -Infinity, 1e-45, 0.1])("the attribute %d", (value) => {
    const graph = compile((x: Tensor) => pad(x, [[1, 1]], value)).graph(tensor([1]));
    expect(Object.is(through(graph).nodes[0]?.attrs["value"], value)).toBe(true);
  });

  it("every op, with its gradient's ops", () => {
    for (const { f, inputs } of gradientCases) {
      const graph = compile((list: typeof inputs) => f(...list)).graph(inputs);
      expect(graphDifference(through(graph), graph)).toBeUndefined();
    }
  });

  it("a training step, and it computes the same", async () => {
    const backend = reference();
    const { x, labels } = batch();
    const graph = descent(smallModel()).graph(x, labels);
    const results = async (program: Graph): Promise<unknown[]> => {
      const executable = await backend.compile(program);
      const given = program.inputs.map(({ value }) => {
        const aval = at(program.values, value);
        const size = aval.shape.reduce((a, b) => a * b, 1);
        const data = aval.dtype === "int32" ? Int32Array.from({ length: size }, (_, i) => i % 3) : Float32Array.from({ length: size }, (_, i) => Math.sin(i));
        return backend.upload(data, aval);
      });
      return Promise.all(executable.run(given, []).map((buffer) => backend.download(buffer)));
    };
    expect(await results(through(graph))).toEqual(await results(graph));
  });
});

interface Plain {
  [name: string]: unknown;
}

/** The JSON of `everything()`, changed. */
function changed(change: (json: { [name in "values" | "inputs" | "nodes" | "constants" | "outputs" | "writebacks"]: Plain[] } & Plain) => void): string {
  const json = JSON.parse(JSON.stringify(toJSON(everything())));
  change(json);
  return JSON.stringify(json);
}

describe("nothing is trusted", () => {
  const hostile: [string, string, RegExp][] = [
    ["no JSON", "{", /the text is no JSON/],
    ["no object", "[]", /graph: an object is expected/],
    ["null", "null", /an object is expected/],
    ["another format", changed((json) => (json["format"] = "onnx")), /stria\.graph is expected/],
    ["another version", changed((json) => (json["version"] = 2)), /reads version 1/],
    ["a missing part", changed((json) => Reflect.deleteProperty(json, "nodes")), /"nodes" is missing/],
    ["no list", changed((json) => (json["nodes"] = { length: 1 } as never)), /graph\.nodes: a list is expected/],
    ["unknown ops", changed((json) => json.nodes.push({ ...json.nodes[0], op: "evil" }, { ...json.nodes[0], op: "toString" })), /no ops "evil", "toString"/],
    ["a prototype as op", changed((json) => (json.nodes[0] = { ...json.nodes[0], op: "__proto__" })), /no ops "__proto__"/],
    ["a prototype key", JSON.stringify(toJSON(everything())).replace('"attrs":{}', '"attrs":{"__proto__":{"x":1}}'), /nodes\[0\]\.attrs: the name "__proto__" is not allowed/],
    ["another prototype key", changed((json) => Object.defineProperty(json, "constructor", { value: 1, enumerable: true })), /"constructor" is not allowed/],
    ["a circle", changed((json) => Object.assign(json.nodes[0] ?? {}, { inputs: [0, 6] })), /value 6 is used before it is made/],
    ["a node that reads itself", changed((json) => Object.assign(json.nodes[0] ?? {}, { inputs: [0, 4] })), /value 4 is used before it is made/],
    ["a value made twice", changed((json) => Object.assign(json.nodes[1] ?? {}, { outputs: [4] })), /value 4 is made twice/],
    ["a value nobody makes", changed((json) => json.values.push({ shape: [], dtype: "bool" })), /nothing makes value 7/],
    ["a value out of range", changed((json) => Object.assign(json.outputs[0] ?? {}, { value: 99 })), /from 0 to 6 is expected, found 99/],
    ["a value that is no number", changed((json) => Object.assign(json.outputs[0] ?? {}, { value: "6" })), /found "6"/],
    ["a negative value", changed((json) => Object.assign(json.outputs[0] ?? {}, { value: -1 })), /found -1/],
    ["a shape that the op does not give", changed((json) => Object.assign(json.values[4] ?? {}, { shape: [4] })), /add gives float32\[3\], the file says float32\[4\]/],
    ["a dtype that the op does not give", changed((json) => Object.assign(json.values[6] ?? {}, { dtype: "uint8" })), /the file says uint8\[4\]/],
    ["a dtype that is none", changed((json) => Object.assign(json.values[6] ?? {}, { dtype: "float64" })), /one of float32, int32, uint8, bool is expected/],
    ["too large a value", changed((json) => Object.assign(json.values[5] ?? {}, { shape: [65536, 65536] })), /more than 2147483647 elements/],
    ["too many axes", changed((json) => Object.assign(json.values[5] ?? {}, { shape: Array(9).fill(1) })), /9 entries are more than 8/],
    ["a length that is no whole number", changed((json) => Object.assign(json.values[5] ?? {}, { shape: [1.5] })), /found 1\.5/],
    ["an attribute out of range", changed((json) => Object.assign(json.nodes[1] ?? {}, { attrs: { padding: [[-1, 2]], value: 0 } })), /padding \[-1, 2\] is not two whole numbers/],
    ["an attribute of another kind", changed((json) => Object.assign(json.nodes[1] ?? {}, { attrs: { padding: "none", value: 0 } })), /nodes\[1\]/],
    ["an attribute missing", changed((json) => Object.assign(json.nodes[1] ?? {}, { attrs: { padding: [[0, 1]] } })), /value is undefined/],
    ["an attribute that is an object", changed((json) => Object.assign(json.nodes[1] ?? {}, { attrs: { padding: {}, value: 0 } })), /padding: a list is expected/],
    ["a pair of three", changed((json) => Object.assign(json.nodes[1] ?? {}, { attrs: { padding: [[0, 1, 2]], value: 0 } })), /3 entries are more than 2/],
    ["data too short", changed((json) => Object.assign(json.constants[0] ?? {}, { data: "AAAA" })), /no base64 of a float32\[3\]/],
    ["data that are no base64", changed((json) => Object.assign(json.constants[0] ?? {}, { data: "!".repeat(16) })), /no base64/],
    ["a bool that is 2", changed((json) => Object.assign(json.constants[2] ?? {}, { data: btoa("\u0000\u0001\u0002") })), /a bool is 0 or 1/],
    ["a role that is none", changed((json) => Object.assign(json.inputs[0] ?? {}, { role: "secret" })), /one of param, state/],
    ["noise without a distribution", changed((json) => delete json.inputs[1]?.["noise"]), /say how they are drawn/],
    ["noise on a parameter", changed((json) => Object.assign(json.inputs[0] ?? {}, { noise: json.inputs[1]?.["noise"] })), /say how they are drawn/],
    ["noise of too few parameters", changed((json) => Object.assign(json.inputs[1]?.["noise"] ?? {}, { distribution: "normal" })), /normal has 2 finite parameters/],
    ["a write to what is no parameter", changed((json) => Object.assign(json.writebacks[0] ?? {}, { to: 5 })), /value 5 is no param or state/],
    ["a write of another shape", changed((json) => Object.assign(json.writebacks[0] ?? {}, { from: 6 })), /a float32\[4\] cannot replace a float32\[3\]/],
    ["two writes to one parameter", changed((json) => json.writebacks.push({ from: 4, to: 0 })), /"weight" is written twice/],
  ];
  it.each(hostile)("%s", (_, text, message) => {
    expect(() => fromJSON(text, allOps)).toThrow(message);
    expect(() => fromJSON(text, allOps)).toThrow(FormatError);
  });

  it("an op that a table inherits is not in it", () => {
    const inherited: typeof allOps = Object.create(allOps);
    expect(() => fromJSON(toJSON(everything()), inherited)).toThrow(/no ops "add", "pad"/);
  });

  it("nothing was polluted", () => expect(Reflect.get({}, "x")).toBeUndefined());

  it("a string that would be read as a number is not written", () => {
    const graph = everything();
    const node = at(graph.nodes, 0);
    expect(() => toJSON({ ...graph, nodes: [{ ...node, attrs: { name: "NaN" } }] })).toThrow(/would be read as a number/);
  });
});

describe("equality", () => {
  const f = (x: Tensor): Tensor => x.mul(2).add(x).exp();
  it("does not depend on the numbers of values, on sites or on unread operands' order of tracing", () => {
    const graph = compile(f).graph(tensor([1, 2]));
    const last = graph.values.length - 1;
    const mirrored = (value: number): number => last - value;
    const renumbered: Graph = {
      values: graph.values.toReversed(),
      inputs: graph.inputs.map((input) => ({ ...input, value: mirrored(input.value) })),
      constants: [],
      nodes: graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(mirrored), outputs: node.outputs.map(mirrored), site: "elsewhere" })),
      outputs: graph.outputs.map((output) => ({ ...output, value: mirrored(output.value) })),
      writebacks: [],
    };
    expect(equalGraphs(graph, renumbered)).toBe(true);
  });

  it("sees ops, attributes, shapes, wiring and constants", () => {
    const graph = compile(f).graph(tensor([1, 2]));
    const others: ((x: Tensor) => unknown)[] = [(x) => x.mul(3).add(x).exp(), (x) => x.mul(2).sub(x).exp(), (x) => x.add(x.mul(2)).exp(), (x) => [f(x), x]];
    for (const other of others) expect(equalGraphs(graph, compile(other).graph(tensor([1, 2])))).toBe(false);
    expect(graphDifference(graph, compile(f).graph(tensor([1])))).toEqual(['%0: float32[2] = data "argument.0"', '%0: float32[1] = data "argument.0"']);
    const whole = everything();
    const other = { ...whole, constants: whole.constants.map((constant, index) => (index === 0 ? { ...constant, data: Float32Array.of(1.5, 0, -Infinity) } : constant)) };
    expect(equalGraphs(whole, other)).toBe(false);
  });
});

describe("as text", () => {
  it("says everything once", () => {
    expect(printGraph(everything())).toBe(
      [
        '%0: float32[3] = param "weight"',
        '%5: float32[3] = noise "drop" bernoulli(0.5)',
        "%1: float32[3] = constant [1.5, -0, -Infinity]",
        "%2: int32[2] = constant [-1, 2147483647]",
        "%3: bool[3] = constant [0, 1, 1]",
        "%4: float32[3] = add(%0, %1)  # layer1.0",
        "%6: float32[4] = pad(%4) {padding [[0, 1]], value -Infinity}",
        'return %6 as "padded"',
        "write %4 to %0",
        "",
      ].join("\n"),
    );
  });

  it("of a trace with noise", () => {
    const graph = training(() => compile((x: Tensor) => x.mul(bernoulli([2], 0.5, "mask"))).graph(tensor([1, 2])));
    expect(printGraph(graph)).toContain('%1: float32[2] = noise "mask/0" bernoulli(0.5)');
  });
});
