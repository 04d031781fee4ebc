import { decodeStored } from "@stria/core/safetensors";
import { readPyTorch, weightsOf } from "@stria/weights";
import { describe, expect, test } from "vitest";
import {
  archive,
  dict,
  int,
  joined,
  legacy,
  numbers,
  pickle,
  tensor,
  type TensorSpec,
  text,
  tuple,
  uint32,
  zip,
} from "./files.ts";

const read = (value: Uint8Array, storages?: Readonly<Record<string, Uint8Array>>) =>
  readPyTorch(archive(value, storages), "net.pth");

/** The numbers of one tensor over a storage. */
function numbersOf(spec: TensorSpec, storage: Uint8Array = numbers): number[] {
  const file = read(pickle(dict(text("w"), tensor(spec))), { 0: storage });
  return [...(weightsOf(file).get("w")?.data ?? [])];
}

describe("tensors", () => {
  test("a state dict in both containers", () => {
    const value = pickle(
      dict(text("conv.weight"), tensor(), text("conv.bias"), tensor({ size: [2], stride: [1], offset: 2 })),
    );
    const files = [archive(value), legacy(value, ["0"], uint32(4), uint32(0), numbers)];
    for (const bytes of files) {
      const weights = weightsOf(readPyTorch(bytes));
      expect([...weights.keys()]).toEqual(["conv.weight", "conv.bias"]);
      expect(weights.get("conv.weight")).toEqual({
        shape: [2, 2],
        dtype: "float32",
        storedAs: "F32",
        data: Float32Array.of(1, 2, 3, 4),
      });
      expect(weights.get("conv.bias")?.data).toEqual(Float32Array.of(3, 4));
    }
  });

  test("views: transposed, with steps, expanded, empty, of no dimension", () => {
    expect(numbersOf({ stride: [1, 2] })).toEqual([1, 3, 2, 4]);
    expect(numbersOf({ size: [2], stride: [3] })).toEqual([1, 4]);
    expect(numbersOf({ size: [2, 3], stride: [1, 0], offset: 1 })).toEqual([2, 2, 2, 3, 3, 3]);
    expect(numbersOf({ size: [0, 3], stride: [3, 1] })).toEqual([]);
    expect(numbersOf({ size: [], stride: [], offset: 3 })).toEqual([4]);
  });

  test.each([
    ["Double", "F64", new Float64Array([0.5, -2])],
    ["Half", "F16", new Uint16Array([0x3800, 0xc000])],
    ["BFloat16", "BF16", new Uint16Array([0x3f00, 0xc000])],
    ["Long", "I64", new BigInt64Array([5n, -2n])],
    ["Int", "I32", new Int32Array([5, -2])],
    ["Short", "I16", new Int16Array([5, -2])],
    ["Char", "I8", new Int8Array([5, -2])],
    ["Byte", "U8", new Uint8Array([5, 254])],
    ["Bool", "BOOL", new Uint8Array([1, 0])],
  ])("%sStorage is %s", (type, storedAs, data) => {
    const storage = new Uint8Array(data.buffer);
    const { tensors } = read(pickle(dict(text("w"), tensor({ type, count: 2, size: [2], stride: [1] }))), {
      0: storage,
    });
    expect(tensors.get("w")).toEqual({ shape: [2], storedAs, bytes: storage });
    const expected = { F16: [0.5, -2], BF16: [0.5, -2] }[storedAs] ?? [...data].map(Number);
    expect(numbersOf({ type, count: 2, size: [2], stride: [1] }, storage)).toEqual(expected);
  });

  test("an int64 that does not fit is read, and refused where numbers are asked for", () => {
    const storage = new Uint8Array(BigInt64Array.of(2n ** 40n).buffer);
    const value = pickle(dict(text("steps"), tensor({ type: "Long", count: 1, size: [1], stride: [1] })));
    const file = read(value, { 0: storage });
    expect(file.tensors.get("steps")?.bytes).toEqual(storage);
    expect(() => weightsOf(file)).toThrow(
      'net.pth, tensor "steps": element 0, 1099511627776 stored as I64, does not fit int32',
    );
  });

  test("big-endian numbers are turned round", () => {
    const value = pickle(dict(text("w"), tensor()));
    const bytes = zip({ "a/data.pkl": value, "a/byteorder": joined("big"), "a/data/0": numbers.toReversed() });
    expect([...(weightsOf(readPyTorch(bytes)).get("w")?.data ?? [])]).toEqual([4, 3, 2, 1]);
  });

  test("an element type by _rebuild_tensor_v3, over bytes", () => {
    const storage = tuple(text("storage"), "ctorch.storage\nUntypedStorage\n", text("0"), text("cpu"), int(4));
    const sizes = [tuple(int(2)), tuple(int(1))];
    const built = [
      "ctorch._utils\n_rebuild_tensor_v3\n",
      tuple(storage, "Q", int(0), ...sizes, 0x89, "N", "ctorch\nuint16\n"),
      "R",
    ];
    const { tensors } = read(pickle(dict(text("w"), ...built)), { 0: Uint8Array.of(1, 0, 0, 1) });
    const found = tensors.get("w");
    expect(found?.storedAs).toBe("U16");
    expect(found && [...decodeStored(found).data]).toEqual([1, 256]);
  });

  test("the part of a storage that very old files name", () => {
    const view = tuple(text("1"), int(1), int(2));
    const storage = tuple(text("storage"), "ctorch\nFloatStorage\n", text("0"), text("cpu"), int(4), view);
    const built = ["ctorch._utils\n_rebuild_tensor\n", tuple(storage, "Q", int(0), tuple(int(2)), tuple(int(1))), "R"];
    const bytes = legacy(pickle(dict(text("w"), ...built)), ["0"], uint32(4), uint32(0), numbers);
    expect([...(weightsOf(readPyTorch(bytes)).get("w")?.data ?? [])]).toEqual([2, 3]);
  });
});

describe("values", () => {
  test("dicts, lists, tuples, texts, numbers, bytes and None", () => {
    const list = joined("](", int(-5), "K", 7, "M", 0, 1, "N", 0x88, 0x89, text("ü"), joined("C", 2, 8, 9), "e");
    const value = pickle(
      dict(
        text("list"),
        list,
        text("pair"),
        tuple(int(1), "G", Uint8Array.of(0x3f, 0xe0, 0, 0, 0, 0, 0, 0)),
        int(3),
        "}",
      ),
    );
    expect(read(value).value).toEqual(
      new Map<unknown, unknown>([
        ["list", [-5, 7, 256, null, true, false, "ü", Uint8Array.of(8, 9)]],
        ["pair", [1, 0.5]],
        [3, new Map()],
      ]),
    );
  });

  test("long integers are bigints where a number cannot hold them", () => {
    const integers = joined("](", 0x8a, 0, 0x8a, 1, 255, 0x8a, 2, 0, 1, 0x8a, 9, uint32(1), uint32(0), 64, "e");
    expect(read(pickle(integers)).value).toEqual([0, -1, 256, 2n ** 70n + 1n]);
  });

  test("an OrderedDict of pairs, with the modules' versions hung on it", () => {
    const pairs = joined("](", tuple(text("a"), int(1)), tuple(text("b"), int(2)), "e");
    const value = pickle("ccollections\nOrderedDict\n", tuple(pairs), "R", dict(text("_metadata"), "}"), "b");
    expect(read(value).value).toEqual(
      new Map([
        ["a", 1],
        ["b", 2],
      ]),
    );
  });

  test("one tensor alone, and one under two names", () => {
    expect([...read(pickle(tensor())).tensors.keys()]).toEqual(["tensor"]);
    const tied = read(pickle(dict(text("a"), tensor(), "q", 1, text("b"), "h", 1)));
    expect(tied.tensors.get("a")).toBe(tied.tensors.get("b"));
    const weights = weightsOf(tied);
    expect(weights.get("a")).toBe(weights.get("b"));
  });
});

describe("weightsOf", () => {
  const weights = dict(text("module.fc.weight"), tensor(), text("module.fc.bias"), tensor());
  const nested = read(
    pickle(dict(text("epoch"), int(3), text("state_dict"), weights, text("ema"), dict(text("w"), tensor()))),
  );

  test("takes the usual entry, another by name, or all", () => {
    expect([...weightsOf(nested).keys()]).toEqual(["module.fc.weight", "module.fc.bias"]);
    expect([...weightsOf(nested, { entry: "ema" }).keys()]).toEqual(["w"]);
    expect([...weightsOf(nested, { entry: "" }).keys()]).toContain("ema.w");
    expect([...weightsOf(read(pickle(dict(text("model.0.weight"), tensor())))).keys()]).toEqual(["model.0.weight"]);
  });

  test("strips a prefix on request", () => {
    expect([...weightsOf(nested, { stripPrefix: "module." }).keys()]).toEqual(["fc.weight", "fc.bias"]);
    const both = read(pickle(dict(text("module.w"), tensor(), text("w"), tensor())));
    expect(() => weightsOf(both, { stripPrefix: "module." })).toThrow('two tensors are called "w" without module.');
  });

  test("says what is there where nothing is", () => {
    expect(() => weightsOf(nested, { entry: "net" })).toThrow(
      'there is no tensor under "net". Remedy: pass entry: one of state_dict, ema.',
    );
    expect(() => weightsOf(read(pickle("}")))).toThrow(
      "net.pth: there is no tensor in it. Remedy: pass a file with weights.",
    );
  });
});
