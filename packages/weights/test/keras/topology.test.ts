// Configs in the notations of Keras 2 and 3: layers, what they are given, shapes and variables; shapes as Keras 3.15 states them for these models.
import { FormatError } from "@stria/core";
import { type Json, inferTopology, parseJson, readTopology } from "@stria/weights/keras";
import { describe, expect, test } from "vitest";

const layer = (className: string, config: { [key: string]: Json } = {}, more: { [key: string]: Json } = {}): Json => ({
  class_name: className,
  config: { name: className.toLowerCase(), ...config },
  ...more,
});
const input = (...shape: (number | null)[]): Json =>
  layer("InputLayer", { name: "input", batch_shape: [null, ...shape] });
const sequential = (...layers: Json[]): Json => ({ class_name: "Sequential", config: { name: "net", layers } });

/** The shape that layers give for an input. */
function shapeOf(inputShape: (number | null)[], ...layers: Json[]): unknown {
  const topology = readTopology(sequential(input(...inputShape), ...layers), "net.json");
  return inferTopology(topology, "net.json").shapes.at(-1)?.[0];
}

function faultOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
  return "nothing";
}

describe("notations", () => {
  const node3 = (name: string, index: number): Json => ({
    class_name: "__keras_tensor__",
    config: { shape: [null, 4], dtype: "float32", keras_history: [name, index, 0] },
  });
  const named = (className: string, name: string, inbound: Json, config: { [key: string]: Json } = {}): Json =>
    layer(className, { ...config, name }, { name, inbound_nodes: inbound });
  const keras3: Json = {
    class_name: "Functional",
    config: {
      name: "shared",
      layers: [
        named("InputLayer", "x", [], { batch_shape: [null, 4] }),
        // A layer is used twice; what comes last in the list comes first in the graph.
        named("Add", "sum", [{ args: [[node3("dense", 0), node3("dense", 1)]], kwargs: { mask: null } }]),
        named("Add", "shifted", [{ args: [node3("sum", 0), 1.5], kwargs: {} }]),
        named(
          "Dense",
          "dense",
          [
            { args: [node3("x", 0)], kwargs: {} },
            { args: [node3("dense", 0)], kwargs: {} },
          ],
          {
            units: 4,
          },
        ),
      ],
      input_layers: ["x", 0, 0],
      output_layers: [["shifted", 0, 0]],
    },
  };
  const keras2: Json = {
    class_name: "Model",
    config: {
      name: "shared",
      layers: [
        named("InputLayer", "x", [], { batch_input_shape: [null, 4] }),
        named("Sequential", "inner", [[["x", 0, 0, {}]], [["inner", 1, 0, {}]]], {
          layers: [layer("Dense", { units: 4, batch_input_shape: [null, 4] })],
        }),
        named("Add", "sum", [
          [
            ["inner", 1, 0, {}],
            ["inner", 2, 0, {}],
          ],
        ]),
      ],
      input_layers: [["x", 0, 0]],
      output_layers: [["sum", 0, 0]],
    },
  };

  test("Keras 3: keras_history, constants, one input without a list", () => {
    const { calls, outputs, inputs } = readTopology(keras3);
    expect(calls.map((call) => [call.layer.name, call.inputs.map((from) => from.call), call.constants])).toEqual([
      ["x", [], []],
      ["dense", [0], [null]],
      ["dense", [1], [null]],
      ["sum", [1, 2], [null, null]],
      ["shifted", [3], [null, 1.5]],
    ]);
    expect([inputs, outputs]).toEqual([[{ call: 0, result: 0 }], [{ call: 4, result: 0 }]]);
  });

  test("Keras 2: lists, and a model as a layer whose first use is number 1", () => {
    const topology = readTopology(keras2);
    expect(topology.calls.map((call) => [call.layer.name, call.inputs.map((from) => from.call)])).toEqual([
      ["x", []],
      ["inner", [0]],
      ["inner", [1]],
      ["sum", [1, 2]],
    ]);
    const { variables } = inferTopology(topology, "net");
    expect([...variables].flatMap(([{ name }, list]) => list.map((one) => [name, one.name, one.shape]))).toEqual([
      ["dense", "kernel", [4, 4]],
      ["dense", "bias", [4]],
    ]);
  });

  test("a Sequential without an InputLayer, and one whose config is the list of its layers", () => {
    const first = layer("Dense", { units: 2, batch_input_shape: [null, 3] });
    for (const config of [{ name: "net", layers: [first] }, [first]]) {
      const topology = readTopology({ class_name: "Sequential", config });
      expect(inferTopology(topology, "net").shapes).toEqual([[[3]], [[2]]]);
    }
  });
});

describe("shapes", () => {
  test.each([
    [[11, 9, 4], layer("Conv2D", { filters: 6, kernel_size: [4, 3], strides: [2, 2], padding: "same" }), [6, 5, 6]],
    [[11, 9, 4], layer("Conv2D", { filters: 6, kernel_size: [4, 3], strides: [2, 2] }), [4, 4, 6]],
    [[4, 11, 9], layer("Conv2D", { filters: 6, kernel_size: 3, data_format: "channels_first" }), [6, 9, 7]],
    [[10, 3], layer("Conv1D", { filters: 2, kernel_size: [3], dilation_rate: [2], padding: "causal" }), [10, 2]],
    [[5, 6, 3], layer("DepthwiseConv2D", { kernel_size: 2, depth_multiplier: 3 }), [4, 5, 9]],
    [[5, 5, 3], layer("Conv2DTranspose", { filters: 2, kernel_size: 3, strides: 2 }), [11, 11, 2]],
    [[5, 5, 3], layer("Conv2DTranspose", { filters: 2, kernel_size: 3, strides: 2, padding: "same" }), [10, 10, 2]],
    [[5, 5, 3], layer("Conv2DTranspose", { filters: 2, kernel_size: 2, strides: 3 }), [15, 15, 2]],
    [[7, 8, 3], layer("MaxPooling2D", { pool_size: 3, strides: 2, padding: "same" }), [4, 4, 3]],
    [[7, 8, 3], layer("AveragePooling2D", { pool_size: [2, 3] }), [3, 2, 3]],
    [[7, 8, 3], layer("GlobalMaxPooling2D", { keepdims: true }), [1, 1, 3]],
    [[null, null, 3], layer("GlobalAveragePooling2D"), [3]],
    [[null, 8, 3], layer("Conv2D", { filters: 2, kernel_size: 3 }), [null, 6, 2]],
    [
      [7, 8, 3],
      layer("ZeroPadding2D", {
        padding: [
          [0, 1],
          [2, 3],
        ],
      }),
      [8, 13, 3],
    ],
    [[7, 3], layer("ZeroPadding1D", { padding: [1, 2] }), [10, 3]],
    [[7, 8, 3], layer("Cropping2D", { cropping: 1 }), [5, 6, 3]],
    [[7, 8, 3], layer("UpSampling2D", { size: [2, 3] }), [14, 24, 3]],
    [[4, 6], layer("Reshape", { target_shape: [2, -1, 3] }), [2, 4, 3]],
    [[4, 6, 5], layer("Permute", { dims: [3, 1, 2] }), [5, 4, 6]],
    [[4, 6], layer("Flatten"), [24]],
    [[4, 6], layer("Dense", { units: 3 }), [4, 3]],
    [[6], layer("RepeatVector", { n: 3 }), [3, 6]],
    [[7], layer("Embedding", { input_dim: 10, output_dim: 4 }), [7, 4]],
    [[7, 4], layer("LSTM", { units: 3 }), [3]],
    [[7, 4], layer("GRU", { units: 3, return_sequences: true }), [7, 3]],
    [[7, 4], layer("Bidirectional", { layer: layer("LSTM", { units: 3, return_sequences: true }) }), [7, 6]],
    [[7, 5, 5, 1], layer("TimeDistributed", { layer: layer("Conv2D", { filters: 2, kernel_size: 2 }) }), [7, 4, 4, 2]],
  ] as [(number | null)[], Json, number[]][])("%j through %j", (given, one, expected) => {
    expect(shapeOf(given, one)).toEqual(expected);
  });
});

describe("what is refused, by the layer's name", () => {
  test.each([
    ["an unknown class", layer("Conv9D"), 'layer "conv9d" (Conv9D) is of a class that is not known'],
    ["a class by the name of a property", layer("__proto__", { name: "p" }), 'layer "p" (__proto__) is of a class'],
    ["Python code", layer("Lambda"), 'layer "lambda" (Lambda) is of a class that is not known'],
    ["another module", layer("system", {}, { module: "os" }), 'not Keras\' own: "os"'],
    ["a registered class", layer("Dense", {}, { registered_name: "Evil>Evil" }), 'not Keras\' own: "Evil>Evil"'],
    ["settings of another type", layer("Dense", { units: "7" }), 'has units set to "7", not a whole number'],
    ["a window that is too large", layer("MaxPooling1D", { pool_size: 9 }), "has a window of 9 on an axis of 8"],
    ["another rank", layer("Conv2D", { filters: 1, kernel_size: 1 }), "is given [8, 3] for each example, and takes 3"],
    ["a Reshape that does not fit", layer("Reshape", { target_shape: [5, 5] }), "gives [5,5] of 24 elements"],
    ["an axis that is not there", layer("BatchNormalization", { axis: 5 }), "acts on axis 5 of 2 and the batch"],
  ] as [string, Json, string][])("%s", (_, one, fault) => {
    expect(faultOf(() => shapeOf([8, 3], one))).toContain(fault);
  });

  test.each([
    ["no model", { class_name: "Dense", config: {} }, "the model is of class Dense"],
    ["no layers", sequential(), "has a Sequential without layers"],
    ["a text", "Sequential", "the config names no class of a model"],
    ["one name twice", sequential(input(3), layer("Flatten"), layer("Flatten")), 'two layers called "flatten"'],
    ["a name that would pollute", sequential(layer("Dense", { name: "__proto__" })), 'a layer called "__proto__"'],
    ["no shape", sequential(layer("Dense", { units: 1 })), "does not say the shape of its input"],
    [
      "a layer that waits for itself",
      {
        class_name: "Functional",
        config: {
          layers: [layer("Flatten", {}, { inbound_nodes: [[["flatten", 0, 0, {}]]] })],
          input_layers: [["flatten", 0, 0]],
          output_layers: [["flatten", 0, 0]],
        },
      },
      "has a layer that waits for itself",
    ],
  ] as [string, Json, string][])("%s", (_, config, fault) => {
    expect(faultOf(() => inferTopology(readTopology(config, "net.json"), "net.json"))).toContain(fault);
  });

  test("text that is no JSON, and JSON too deep for a stack", () => {
    expect(faultOf(() => parseJson("{", "a.keras", "config.json"))).toContain("config.json is not JSON");
    const deep = "[".repeat(1e6);
    expect(faultOf(() => parseJson(deep, "a.keras", "config.json"))).toContain("nested more than 200 levels");
  });
});
