// Graphs from JSON that means harm: nothing in it is trusted, and every error names its place.
import { describe, expect, it } from "vitest";
import { allOps } from "../src/all-ops.ts";
import { fromJSON, toJSON } from "../src/graph/graph-json.ts";
import { FormatError, at } from "../src/index.ts";
import { everything } from "./support/graphs.ts";

interface Plain {
  [name: string]: unknown;
}

/** The JSON of `everything()`, changed. */
function changed(
  change: (
    json: { [name in "values" | "inputs" | "nodes" | "constants" | "outputs" | "writebacks"]: Plain[] } & Plain,
  ) => void,
): string {
  const json = JSON.parse(JSON.stringify(toJSON(everything()))) as Parameters<typeof change>[0];
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
    [
      "unknown ops",
      changed((json) => json.nodes.push({ ...json.nodes[0], op: "evil" }, { ...json.nodes[0], op: "toString" })),
      /no ops "evil", "toString"/,
    ],
    [
      "a prototype as op",
      changed((json) => (json.nodes[0] = { ...json.nodes[0], op: "__proto__" })),
      /no ops "__proto__"/,
    ],
    [
      "a prototype key",
      JSON.stringify(toJSON(everything())).replace('"attrs":{}', '"attrs":{"__proto__":{"x":1}}'),
      /nodes\[0\]\.attrs: the name "__proto__" is not allowed/,
    ],
    [
      "another prototype key",
      changed((json) => Object.defineProperty(json, "constructor", { value: 1, enumerable: true })),
      /"constructor" is not allowed/,
    ],
    [
      "a circle",
      changed((json) => Object.assign(json.nodes[0] ?? {}, { inputs: [0, 6] })),
      /value 6 is used before it is made/,
    ],
    [
      "a node that reads itself",
      changed((json) => Object.assign(json.nodes[0] ?? {}, { inputs: [0, 4] })),
      /value 4 is used before it is made/,
    ],
    [
      "a value made twice",
      changed((json) => Object.assign(json.nodes[1] ?? {}, { outputs: [4] })),
      /value 4 is made twice/,
    ],
    [
      "a value nobody makes",
      changed((json) => json.values.push({ shape: [], dtype: "bool" })),
      /nothing makes value 7/,
    ],
    [
      "a value out of range",
      changed((json) => Object.assign(json.outputs[0] ?? {}, { value: 99 })),
      /from 0 to 6 is expected, found 99/,
    ],
    ["a value that is no number", changed((json) => Object.assign(json.outputs[0] ?? {}, { value: "6" })), /found "6"/],
    ["a negative value", changed((json) => Object.assign(json.outputs[0] ?? {}, { value: -1 })), /found -1/],
    [
      "a shape that the op does not give",
      changed((json) => Object.assign(json.values[4] ?? {}, { shape: [4] })),
      /add gives float32\[3\], the file says float32\[4\]/,
    ],
    [
      "a dtype that the op does not give",
      changed((json) => Object.assign(json.values[6] ?? {}, { dtype: "uint8" })),
      /the file says uint8\[4\]/,
    ],
    [
      "a dtype that is none",
      changed((json) => Object.assign(json.values[6] ?? {}, { dtype: "float64" })),
      /one of float32, int32, uint8, bool, float16 is expected/,
    ],
    [
      "too large a value",
      changed((json) => Object.assign(json.values[5] ?? {}, { shape: [65536, 65536] })),
      /more than 2147483647 elements/,
    ],
    [
      "too many axes",
      changed((json) => Object.assign(json.values[5] ?? {}, { shape: Array(9).fill(1) })),
      /9 entries are more than 8/,
    ],
    [
      "a length that is no whole number",
      changed((json) => Object.assign(json.values[5] ?? {}, { shape: [1.5] })),
      /found 1\.5/,
    ],
    [
      "an attribute out of range",
      changed((json) => Object.assign(json.nodes[1] ?? {}, { attrs: { padding: [[-1, 2]], value: 0 } })),
      /padding \[-1, 2\] is not two whole numbers/,
    ],
    [
      "an attribute of another kind",
      changed((json) => Object.assign(json.nodes[1] ?? {}, { attrs: { padding: "none", value: 0 } })),
      /nodes\[1\]/,
    ],
    [
      "an attribute missing",
      changed((json) => Object.assign(json.nodes[1] ?? {}, { attrs: { padding: [[0, 1]] } })),
      /value is undefined/,
    ],
    [
      "an attribute that is an object",
      changed((json) => Object.assign(json.nodes[1] ?? {}, { attrs: { padding: {}, value: 0 } })),
      /padding: a list is expected/,
    ],
    [
      "a pair of three",
      changed((json) => Object.assign(json.nodes[1] ?? {}, { attrs: { padding: [[0, 1, 2]], value: 0 } })),
      /3 entries are more than 2/,
    ],
    [
      "data too short",
      changed((json) => Object.assign(json.constants[0] ?? {}, { data: "AAAA" })),
      /no base64 of a float32\[3\]/,
    ],
    [
      "data that are no base64",
      changed((json) => Object.assign(json.constants[0] ?? {}, { data: "!".repeat(16) })),
      /no base64/,
    ],
    [
      "a bool that is 2",
      changed((json) => Object.assign(json.constants[2] ?? {}, { data: btoa("\u0000\u0001\u0002") })),
      /a bool is 0 or 1/,
    ],
    [
      "a role that is none",
      changed((json) => Object.assign(json.inputs[0] ?? {}, { role: "secret" })),
      /one of param, state/,
    ],
    ["noise without a distribution", changed((json) => delete json.inputs[1]?.["noise"]), /say how they are drawn/],
    [
      "noise on a parameter",
      changed((json) => Object.assign(json.inputs[0] ?? {}, { noise: json.inputs[1]?.["noise"] })),
      /say how they are drawn/,
    ],
    [
      "a permutation of floats",
      changed((json) =>
        Object.assign(json.inputs[1]?.["noise"] ?? {}, { distribution: "permutation", parameters: [] }),
      ),
      /a permutation is int32 with one axis/,
    ],
    [
      "noise of too few parameters",
      changed((json) => Object.assign(json.inputs[1]?.["noise"] ?? {}, { distribution: "normal" })),
      /normal has 2 finite parameters/,
    ],
    [
      "a write to what is no parameter",
      changed((json) => Object.assign(json.writebacks[0] ?? {}, { to: 5 })),
      /value 5 is no param or state/,
    ],
    [
      "a write of another shape",
      changed((json) => Object.assign(json.writebacks[0] ?? {}, { from: 6 })),
      /a float32\[4\] cannot replace a float32\[3\]/,
    ],
    [
      "two writes to one parameter",
      changed((json) => json.writebacks.push({ from: 4, to: 0 })),
      /"weight" is written twice/,
    ],
  ];
  it.each(hostile)("%s", (_, text, message) => {
    expect(() => fromJSON(text, allOps)).toThrow(message);
    expect(() => fromJSON(text, allOps)).toThrow(FormatError);
  });

  it("an op that a table inherits is not in it", () => {
    const inherited = Object.create(allOps) as typeof allOps;
    expect(() => fromJSON(toJSON(everything()), inherited)).toThrow(/no ops "add", "pad"/);
  });

  it("nothing was polluted", () => expect(Reflect.get({}, "x")).toBeUndefined());

  it("a string that would be read as a number is not written", () => {
    const graph = everything();
    const node = at(graph.nodes, 0);
    expect(() => toJSON({ ...graph, nodes: [{ ...node, attrs: { name: "NaN" } }] })).toThrow(
      /would be read as a number/,
    );
  });
});
