// Files of torch.save that are refused: what asks for code, what is broken, and what damage makes of a good one.
import { FormatError } from "@stria/core";
import { readPyTorch } from "@stria/weights";
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
  text,
  tuple,
  uint32,
  zip,
} from "./files.ts";

const read = (value: Uint8Array) => readPyTorch(archive(value), "net.pth");

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
