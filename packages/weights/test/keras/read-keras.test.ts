// Files of Keras 2 and 3, made here: names, types, and what does harm. The HDF5 is what h5py writes by default.
import { crc32 } from "node:zlib";
import { FormatError } from "@stria/core";
import { type Json, readKeras } from "@stria/weights/keras";
import { describe, expect, test } from "vitest";
import { zip } from "../files.ts";
import { type Tree, counting, floats, hdf5 } from "./hdf5-file.ts";

const encoder = new TextEncoder();
const layer = (className: string, name: string, config: { [key: string]: Json } = {}): Json => ({
  class_name: className,
  config: { ...config, name },
});
const input = layer("InputLayer", "input", { batch_shape: [null, 3] });
const model = (...layers: Json[]): string =>
  JSON.stringify({ class_name: "Sequential", config: { name: "net", layers: [input, ...layers] } });

function keras(config: string, store: Tree): Uint8Array {
  const parts = { "metadata.json": "{}", "config.json": config };
  const texts = Object.entries(parts).map(([name, text]) => [name, encoder.encode(text)] as const);
  const entries = { ...Object.fromEntries(texts), "model.weights.h5": hdf5(store).bytes };
  return zip(entries, 0, { crc: (contents) => crc32(contents) });
}

function listing(bytes: Uint8Array, weightsOnly = false): unknown[] {
  const { tensors } = readKeras(bytes, "net", { weightsOnly });
  return [...tensors].map(([name, tensor]) => [name, [...tensor.shape], tensor.storedAs]);
}

function faultOf(bytes: Uint8Array, weightsOnly = false): string {
  try {
    readKeras(bytes, "net.h5", { weightsOnly });
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
  return "nothing";
}

const vars = (name: string, ...tensors: ReturnType<typeof counting>[]): Tree => ({
  children: { vars: { attributes: { name }, children: Object.fromEntries(tensors.map((one, index) => [index, one])) } },
});

describe("Keras 2", () => {
  const dense: Tree = {
    attributes: { weight_names: ["block/fc/kernel:0", "block/fc/bias:0"] },
    children: { block: { children: { fc: { children: { "kernel:0": counting(3, 2), "bias:0": counting(2) } } } } },
  };
  const file = (config: string): Uint8Array =>
    hdf5({
      attributes: { model_config: config, keras_version: "2.4.0" },
      children: {
        model_weights: {
          attributes: { layer_names: ["flat", "block/fc"] },
          children: { flat: { attributes: { weight_names: [] } }, block: { children: { fc: dense } } },
        },
      },
    }).bytes;

  test("layers whose names have slashes, with the config and without", () => {
    const bytes = file(model(layer("Flatten", "flat"), layer("Dense", "block/fc", { units: 2 })));
    const expected = [
      ["block/fc/kernel", [3, 2], "F32"],
      ["block/fc/bias", [2], "F32"],
    ];
    expect(listing(bytes)).toEqual(expected);
    expect(listing(bytes, true)).toEqual(expected);
    const kernel = readKeras(bytes).tensors.get("block/fc/kernel");
    expect(kernel?.bytes).toEqual(counting(3, 2).bytes);
    expect(kernel?.bytes.buffer).toBe(bytes.buffer); // a view: nothing is copied
  });

  test("a Buffer within a larger one, as Node's readFile gives it", () => {
    const bytes = file(model(layer("Flatten", "flat"), layer("Dense", "block/fc", { units: 2 })));
    const larger = Buffer.alloc(bytes.length + 200, 1);
    larger.set(bytes, 100);
    expect(listing(larger.subarray(100, 100 + bytes.length))).toEqual(listing(bytes));
    const archived = keras(model(layer("Dense", "fc", { units: 2 })), {
      children: { layers: { children: { dense: vars("fc", counting(3, 2), counting(2)) } } },
    });
    expect(listing(Buffer.from(archived))).toEqual(listing(archived));
  });

  test("weights alone, with lists of names that were cut", () => {
    const { bytes } = hdf5({
      attributes: { layer_names0: ["a"], layer_names1: ["b"] },
      children: {
        a: {
          attributes: { weight_names: ["a/kernel:0"] },
          children: { a: { children: { "kernel:0": counting(2, 2) } } },
        },
        b: {
          attributes: { weight_names: ["b/gru_cell_3/bias:0"] },
          children: { b: { children: { gru_cell_3: { children: { "bias:0": counting(3) } } } } },
        },
      },
    });
    expect(listing(bytes)).toEqual([
      ["a/kernel", [2, 2], "F32"],
      ["b/bias", [3], "F32"],
    ]);
  });

  test("a list that names what is not there", () => {
    const { bytes } = hdf5({
      attributes: { layer_names: ["a"] },
      children: { a: { attributes: { weight_names: ["a/kernel:0"] } } },
    });
    expect(faultOf(bytes)).toContain('there is no "a/a/kernel:0"');
  });
});

describe("Keras 3", () => {
  test("variables are named by the config, layers by the names that groups carry", () => {
    const config = model(
      layer("Dense", "first", { units: 2 }),
      layer("Dense", "second", { units: 1, use_bias: false }),
    );
    const store: Tree = {
      children: {
        layers: {
          children: { dense_1: vars("first", counting(3, 2), counting(2)), dense: vars("second", counting(2, 1)) },
        },
      },
    };
    const expected = [
      ["first/kernel", [3, 2], "F32"],
      ["first/bias", [2], "F32"],
      ["second/kernel", [2, 1], "F32"],
    ];
    expect(listing(keras(config, store))).toEqual(expected);
    expect(listing(keras(config, store), true)).toEqual([expected[2], expected[0], expected[1]]);
  });

  test("without names of groups: by class and number, as TensorFlow's Keras 2.15 numbers them", () => {
    const config = model(layer("Dense", "a", { units: 2 }), layer("ReLU", "r"), layer("Dense", "b", { units: 4 }));
    const unnamed = (...tensors: ReturnType<typeof counting>[]): Tree => {
      const { vars: inner } = vars("", ...tensors).children ?? {};
      return { children: { vars: { ...inner, attributes: {} } } };
    };
    const store: Tree = {
      children: {
        _layer_checkpoint_dependencies: {
          children: {
            dense_10: unnamed(counting(2, 4), counting(4)),
            dense_2: unnamed(counting(3, 2), counting(2)),
            dense: unnamed(),
          },
        },
      },
    };
    expect(listing(keras(config, store))).toEqual([
      ["a/kernel", [3, 2], "F32"],
      ["a/bias", [2], "F32"],
      ["b/kernel", [2, 4], "F32"],
      ["b/bias", [4], "F32"],
    ]);
  });

  test("a weight that is missing, and one of another shape than the config's", () => {
    const config = model(layer("Dense", "fc", { units: 7 }));
    const store = (...tensors: ReturnType<typeof counting>[]): Tree => ({
      children: { layers: { children: { dense: vars("fc", ...tensors) } } },
    });
    expect(faultOf(keras(config, store(counting(3, 5), counting(5))))).toContain(
      '"fc/kernel" is [3, 5], and the config of the Dense needs [3, 7]',
    );
    expect(faultOf(keras(config, store(counting(3, 7))))).toContain('there is no "fc/bias" for the Dense, of [7]');
  });

  test("an archive without a part, with a compressed one, with a wrong checksum", () => {
    expect(faultOf(zip({ "model.weights.h5": hdf5({}).bytes }))).toContain("there is no config.json in it");
    expect(faultOf(zip({ "config.json": encoder.encode(model()) }))).toContain("config.json is damaged");
    expect(faultOf(zip({ "config.json": encoder.encode(model()) }, 8))).toContain("config.json is compressed");
  });
});

describe("HDF5 that would hang or fill a reader", () => {
  const small = (): ReturnType<typeof hdf5> =>
    hdf5({
      attributes: { layer_names: ["a"], title: "net" },
      children: { a: { attributes: { weight_names: ["w"] }, children: { w: floats([2], 1, 2) } } },
    });
  function changed(edit: (view: DataView, places: ReturnType<typeof hdf5>["places"]) => void): Uint8Array {
    const { bytes, places } = small();
    edit(new DataView(bytes.buffer), places);
    return bytes;
  }
  const address = (view: DataView, at: number, value: number | bigint): void =>
    view.setBigUint64(at, BigInt(value), true);

  test("the file as it is", () => {
    expect(listing(small().bytes)).toEqual([["a/w", [2], "F32"]]);
  });

  test.each([
    [
      "a tree node that is its own child",
      "has a tree node of another kind",
      (view, { trees }) => {
        view.setUint8((trees[0] ?? 0) + 5, 1);
        address(view, (trees[0] ?? 0) + 32, trees[0] ?? 0);
      },
    ],
    [
      "a group that contains itself",
      "overlap, or contain themselves",
      (view, { trees, headers }) => {
        const table = Number(view.getBigUint64((trees[1] ?? 0) + 32, true));
        address(view, table + 16, headers[2] ?? 0);
      },
    ],
    [
      "an array of more elements than the file has bytes",
      "needs 8589934592",
      (view, { headers }) => {
        address(view, (headers[0] ?? 0) + 16 + 8 + 8, 2 ** 31);
      },
    ],
    [
      "a shape that overflows",
      "more elements than can be",
      (view, { headers }) => {
        address(view, (headers[0] ?? 0) + 16 + 8 + 8, 2n ** 63n);
      },
    ],
    [
      "a text outside its heap",
      "has a text that is not in its heap",
      (view, { heaps }) => {
        view.setUint16((heaps[0] ?? 0) + 16, 9, true);
      },
    ],
    [
      "a heap that is not there",
      "has no global heap",
      (view, { heaps }) => {
        view.setUint8(heaps[0] ?? 0, 0);
      },
    ],
    [
      "data outside the file",
      'has the data of "a/w" at [115292150460684',
      (view, { headers }) => {
        address(view, (headers[0] ?? 0) + 16 + 24 + 32 + 10, 2n ** 60n);
      },
    ],
    [
      "a header with more messages than it holds",
      "fewer messages than it counts",
      (view, { headers }) => {
        view.setUint16((headers[0] ?? 0) + 2, 60_000, true);
      },
    ],
    ["a newer superblock", "has a superblock of version 3", (view) => view.setUint8(8, 3)],
    ["a cut file", "is cut: it had", (view) => address(view, 40, 1e6)],
  ] as [string, string, (view: DataView, places: ReturnType<typeof hdf5>["places"]) => void][])(
    "%s",
    (_, fault, edit) => {
      expect(faultOf(changed(edit))).toContain(fault);
    },
  );

  test("other files, and no bytes at all", () => {
    expect(faultOf(Uint8Array.of(1, 2, 3))).toContain("this is no file of Keras");
    expect(faultOf(new Uint8Array(0))).toContain("this is no file of Keras");
    expect(faultOf(hdf5({}).bytes)).toContain("holds no weights of Keras");
    const text: unknown = "net.h5"; // what JavaScript may pass
    expect(() => readKeras(text as Uint8Array)).toThrow("no Uint8Array");
  });
});
