import { FormatError } from "@stria/core";
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
  type Part,
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

describe("what is refused", () => {
  const bad: readonly (readonly [string, string, ...Part[]])[] = [
    ["a call", "asks for os.system, which is refused", "cos\nsystem\n", tuple(text("echo")), "R"],
    ["a call by the newer opcode", "asks for builtins.eval, which is refused", text("builtins"), text("eval"), 0x93],
    ["a way through an allowed module", "asks for torch.os.system, which is refused", "ctorch\nos.system\n"],
    [
      "a model's class",
      "asks for torch.nn.modules.linear.Linear, which is refused",
      "ctorch.nn.modules.linear\nLinear\n)",
      0x81,
    ],
    ["an instance", "asks for os.system, which is refused", "(ios\nsystem\n"],
    ["an object", "the opcode OBJ is refused", "(o"],
    ["an extension", "the opcode EXT1 is refused", 0x82, 1],
    ["attributes", "attributes are set on a dict", "}", dict(text("__class__"), int(1)), "b"],
    ["a call of what is no builder", "torch.FloatStorage is called with a tuple", "ctorch\nFloatStorage\n)R"],
    ["a set", "the opcode 0x8f is not read", 0x8f],
    [
      "a storage alone",
      "a storage is a value of its own",
      tuple(text("storage"), "ctorch\nFloatStorage\n", text("0"), text("cpu"), int(4)),
      "Q",
    ],
    ["a persistent id of text", "a persistent id states no storage", text("storage"), "Q"],
    ["__proto__", 'a dict has the key "__proto__"', dict(text("__proto__"), int(1))],
    ["constructor", 'a tensor may not be called "constructor.w"', dict(text("constructor"), dict(text("w"), tensor()))],
    ["a list as a key", "a dict has a list as a key", dict("]", int(1))],
    ["two tensors of one name", 'two tensors are called "1"', dict(text("1"), tensor(), int(1), tensor())],
    ["a list in itself", "a value contains itself", "]q", 0, "h", 0, "a"],
    ["an offset", "leaves its storage 0 of 4", tensor({ offset: 1 })],
    ["a stride", "leaves its storage 0 of 4", tensor({ stride: [3, 1] })],
    ["a negative size", "one of the sizes of a tensor is -1", tensor({ size: [-1, 2] })],
    ["sizes without strides", "a tensor has 1 sizes and 2 strides", tensor({ size: [2] })],
    [
      "an expanded tensor of terabytes",
      "would take far more memory than the file's size explains",
      tensor({ size: [2 ** 30, 2 ** 30], stride: [0, 0] }),
    ],
    [
      "many dimensions",
      "a tensor has 65 dimensions",
      tensor({ size: Array.from({ length: 65 }, () => 1), stride: [] }),
    ],
    ["a storage that is not there", 'storage "7" has no record', tensor({ key: "7" })],
    ["a storage of another length", "storage 0 should have 20 bytes, its record has 16", tensor({ count: 5 })],
    ["a text longer than the file", "it needs 4294967295 bytes more than are there", "X", uint32(0xffffffff)],
    ["an integer of megabytes", "an integer has 16777216 bytes", 0x8b, uint32(2 ** 24)],
    ["a text that is not UTF-8", "a text is not UTF-8", "X", uint32(1), 255],
    ["no mark", "there is no mark", "u"],
    ["a key without value", "a key has no value", dict(int(1))],
    ["a missing memo", "the memo has no 3", "h", 3],
    ["an append to a tuple", "a tuple is no list to append to", ")", int(1), "a"],
    ["an empty stack", "the stack is empty", "0"],
    ["a newer protocol", "it has an unknown protocol", 0x80, 9],
  ];

  test.each(bad)("%s", (_, fault, ...parts) => {
    const bytes = archive(pickle(...parts));
    expect(() => readPyTorch(bytes, "net.pth")).toThrow(FormatError);
    expect(() => readPyTorch(bytes, "net.pth")).toThrow(fault);
    expect(() => readPyTorch(bytes, "net.pth")).toThrow(/^net\.pth: .* Remedy: /);
  });

  test("values shared beyond counting", () => {
    const doubling = Array.from({ length: 60 }, (_, level) => joined("](h", level, "h", level, "eq", level + 1));
    expect(() => read(pickle("]q", 0, ...doubling))).toThrow("shared beyond counting");
  });

  test("values nested beyond counting, and not those before", () => {
    const nested = (depth: number) => pickle("]".repeat(depth), "a".repeat(depth - 1));
    expect(read(nested(1000)).tensors.size).toBe(0);
    expect(() => read(nested(1001))).toThrow("nested or shared beyond counting");
  });

  test("containers without end", () => {
    expect(() => read(pickle("}".repeat(300_000)))).toThrow("its dicts would take far more memory");
  });

  const good = pickle(dict(text("w"), tensor()));
  const files: readonly (readonly [string, Uint8Array, string])[] = [
    ["a compressed archive", zip({ "a/data.pkl": good }, 8), 'has an entry "a/data.pkl" that is compressed (method 8)'],
    ["an archive without a pickle", zip({ "a/version": joined("3") }), "the archive has no data.pkl"],
    ["two archives in one", zip({ "a/data.pkl": good, "b/data.pkl": good }), "the archive has several pickles"],
    [
      "a byte order of no machine",
      zip({ "a/data.pkl": good, "a/byteorder": joined("middle") }),
      'its byte order is "middle"',
    ],
    ["an archive without its end", archive(good).subarray(0, 300), "the zip archive has no directory"],
    ["a pickle of something else", pickle(int(3)), "a pickle without PyTorch's magic number"],
    ["a storage without its numbers", legacy(good, ["0"], uint32(4), uint32(0)), "it is cut in storage 0"],
    ["no storage", legacy(good, []), 'storage "0" is not in it'],
    [
      "a storage nobody asks for",
      legacy(good, ["1"], uint32(4), uint32(0), numbers),
      "it has a storage that the pickle does not state",
    ],
    [
      "another number of elements",
      legacy(good, ["0"], uint32(3), uint32(0), numbers),
      "storage 0 has 3 elements where the pickle states 4",
    ],
    ["another kind of file", joined("\u0089HDF"), "this is no file of torch.save"],
  ];
  test.each(files)("%s", (_, bytes, fault) => {
    expect(() => readPyTorch(bytes, "net.pth")).toThrow(FormatError);
    expect(() => readPyTorch(bytes, "net.pth")).toThrow(fault);
  });

  test("what is no bytes", () => {
    // @ts-expect-error what JavaScript may pass
    expect(() => readPyTorch("net.pth")).toThrow("what was given is no Uint8Array");
  });
});

describe("damage", () => {
  /** A small generator of its own (Park and Miller 1988), so that a failure can be made again. */
  function* draws(seed: number): Generator<number, never> {
    for (let state = seed; ;) yield (state = (state * 48271) % 2147483647);
  }

  const value = pickle(
    dict(text("state_dict"), dict(text("w"), tensor(), text("b"), tensor({ stride: [1, 2] })), text("epoch"), int(3)),
  );
  test.each([
    ["zip", archive(value)],
    ["legacy", legacy(value, ["0"], uint32(4), uint32(0), numbers)],
  ])("1,000 mutations of a %s file are read or refused, never anything else", (_, bytes) => {
    const random = draws(7);
    let refused = 0;
    for (let round = 0; round < 1000; round++) {
      const changed = bytes.slice(0, round % 5 === 0 ? random.next().value % bytes.length : bytes.length);
      for (let change = 0; change <= round % 3; change++)
        changed[random.next().value % bytes.length] = random.next().value;
      try {
        readPyTorch(changed);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(300);
  });
});
