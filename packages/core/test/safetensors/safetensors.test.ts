import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/errors.ts";
import {
  decodeSafetensors,
  decodeStored,
  encodeSafetensors,
  type HostTensor,
  parseSafetensors,
  type StoredType,
} from "../../src/safetensors/safetensors.ts";

const text = new TextEncoder();

/** A file made by hand: any header, any data, the stated length of the header if it is to be a lie. */
function file(header: string | Uint8Array, data: number | Uint8Array = 0, stated?: bigint): Uint8Array {
  const head = typeof header === "string" ? text.encode(header) : header;
  const body = typeof data === "number" ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + head.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, stated ?? BigInt(head.length), true);
  bytes.set(head, 8);
  bytes.set(body, 8 + head.length);
  return bytes;
}

const entry = (shape: string, begin: number, end: number, dtype = "F32"): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

describe("a file by hand", () => {
  it("is read", () => {
    const data = new Uint8Array(new Float32Array([1, -2.5, 3e-40]).buffer);
    const bytes = file(
      `{"__metadata__":{"note":"\\u00fc\\"n\\\\"}, "b" : ${entry("[ 1, 2 ]", 4, 12)},\n"a.ü/x":${entry("[]", 0, 4)}}   `,
      data,
    );
    const { tensors, metadata } = decodeSafetensors(bytes);
    expect([...tensors.keys()]).toEqual(["b", "a.ü/x"]);
    expect(tensors.get("a.ü/x")).toEqual({ shape: [], dtype: "float32", data: new Float32Array([1]), storedAs: "F32" });
    expect(tensors.get("b")?.data).toEqual(new Float32Array([-2.5, 3e-40]));
    expect([...metadata]).toEqual([["note", 'ü"n\\']]);
  });

  it("may hold nothing, or tensors without elements", () => {
    expect(decodeSafetensors(file("{}")).tensors.size).toBe(0);
    const { tensors } = decodeSafetensors(
      file(`{"a":${entry("[2,0]", 0, 0)},"b":${entry("[1]", 0, 4)},"c":${entry("[0]", 4, 4)}}`, 4),
    );
    expect(tensors.get("a")?.data.length).toBe(0);
    expect(tensors.get("c")?.shape).toEqual([0]);
  });

  it("may begin anywhere in its buffer, and its tensors at odd bytes", () => {
    const bytes = file(`{"a":${entry("[1]", 0, 4)}} `, new Uint8Array(new Float32Array([7.25]).buffer));
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeSafetensors(shifted.subarray(3)).tensors.get("a")?.data).toEqual(new Float32Array([7.25]));
  });

  it("shares no memory with what is read", () => {
    const bytes = file(`{"a":${entry("[4]", 0, 4, "U8")}}`, new Uint8Array([1, 2, 3, 4]));
    const { tensors } = decodeSafetensors(bytes);
    bytes.fill(0);
    expect(tensors.get("a")?.data).toEqual(new Uint8Array([1, 2, 3, 4]));
  });

  const good = `{"a":${entry("[1]", 0, 4)}}`;
  it.each<[why: string, bytes: Uint8Array, fault: RegExp]>([
    ["no bytes", new Uint8Array(0), /too few/],
    ["seven bytes", new Uint8Array(7), /too few/],
    ["no header", file(""), /expected {/],
    ["a header longer than the file", file(good, 4, 1000n), /header's length is 1000/],
    ["a header of 2^63 bytes", file(good, 4, 2n ** 63n), /header's length/],
    ["a header that is an array", file("[]"), /expected {/],
    ["a header with space before it", file(` ${good}`, 4), /expected {/],
    ["a header that is not UTF-8", file(new Uint8Array([0x7b, 0xff, 0x7d])), /not UTF-8/],
    ["something behind the header's end", file(`${good}x`, 4), /nothing more/],
    ["a header that is cut", file(good.slice(0, -1), 4), /expected }/],
    ["a text that does not end", file('{"a'), /does not end/],
    ["a text with a raw line break", file(`{"a\n":${entry("[1]", 0, 4)}}`, 4), /not JSON/],
    ["a text with a wrong escape", file(`{"\\x":${entry("[1]", 0, 4)}}`, 4), /not JSON/],
    ["a trailing comma", file(`{"a":${entry("[1]", 0, 4)},}`, 4), /expected "/],
    [
      "the same name twice",
      file(`{"a":${entry("[1]", 0, 4)},"\\u0061":${entry("[1]", 4, 8)}}`, 8),
      /"a" is there twice/,
    ],
    ["the same key twice", file('{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4), /twice/],
    ["a tensor that is null", file('{"a":null}'), /expected {/],
    ["no dtype", file('{"a":{"shape":[1],"data_offsets":[0,4]}}', 4), /needs dtype/],
    ["an unknown key", file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}', 4), /has no "x"/],
    ["an unknown dtype", file(`{"a":${entry("[1]", 0, 4, "F33")}}`, 4), /"F33", which is not read/],
    [
      "a dtype that every object has",
      file(`{"a":${entry("[1]", 0, 4, "toString")}}`, 4),
      /"toString", which is not read/,
    ],
    ["three offsets", file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}', 4), /two data_offsets/],
    ["a shape with a sign", file(`{"a":${entry("[-1]", 0, 4)}}`, 4), /whole number/],
    ["a shape with a fraction", file(`{"a":${entry("[1.5]", 0, 4)}}`, 4), /expected \]/],
    ["a shape with an exponent", file(`{"a":${entry("[1e0]", 0, 4)}}`, 4), /expected \]/],
    ["a shape beyond 2^53", file(`{"a":${entry("[9007199254740993,0]", 0, 0)}}`), /too large/],
    ["a shape whose size overflows", file(`{"a":${entry("[4611686018427387,4,1024,1024,1024]", 0, 0)}}`), /instead of/],
    ["a shape that does not fit its bytes", file(`{"a":${entry("[2]", 0, 4)}}`, 4), /4 bytes instead of 8/],
    ["an end before the begin", file(`{"a":${entry("[1]", 4, 0)}}`, 4), /\[4, 0\]/],
    ["an end behind the file", file(`{"a":${entry("[2]", 0, 8)}}`, 4), /\[0, 8\] of 4 bytes/],
    [
      "tensors that share bytes",
      file(`{"a":${entry("[2]", 0, 8)},"b":${entry("[2]", 4, 12)}}`, 12),
      /"b" begins at byte 4, inside/,
    ],
    ["a hole", file(`{"a":${entry("[1]", 0, 4)},"b":${entry("[1]", 8, 12)}}`, 12), /hole that begins at 4/],
    ["a hole at the start", file(`{"a":${entry("[1]", 4, 8)}}`, 8), /hole that begins at 0/],
    ["bytes behind the last", file(good, 6), /2 bytes behind the last/],
    ["data cut short", file(good, 3), /of 3 bytes/],
    ["metadata that are no text", file('{"__metadata__":{"a":1}}'), /expected "/],
    ["a tensor called __proto__", file(`{"__proto__":${entry("[1]", 0, 4)}}`, 4), /may not be called/],
    ["a path through constructor", file(`{"a.constructor.b":${entry("[1]", 0, 4)}}`, 4), /may not be called/],
    ["a bool that is 2", file(`{"a":${entry("[1]", 0, 1, "BOOL")}}`, new Uint8Array([2])), /2 stored as BOOL/],
    ["deep nesting", file(`{"a":{"dtype":"F32","shape":${"[".repeat(100_000)}`), /whole number/],
  ])("is refused with %s", (_, bytes, fault) => {
    expect(() => decodeSafetensors(bytes, "weights.safetensors")).toThrow(FormatError);
    expect(() => decodeSafetensors(bytes, "weights.safetensors")).toThrow(fault);
    expect(() => decodeSafetensors(bytes, "weights.safetensors")).toThrow(/^weights\.safetensors.*Remedy: /s);
  });

  it("is refused at every cut", () => {
    const bytes = encodeSafetensors(
      new Map([["a", { shape: [3], dtype: "float32", data: new Float32Array([1, 2, 3]) } satisfies HostTensor]]),
    );
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeSafetensors(bytes.subarray(0, length))).toThrow(FormatError);
  });

  it("keeps the names of objects apart from prototypes in its metadata", () => {
    const { metadata } = decodeSafetensors(file('{"__metadata__":{"__proto__":"x"}}'));
    expect(metadata.get("__proto__")).toBe("x");
    expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
  });
});

describe("what is written", () => {
  const floats = new Float32Array([0, -0, 1.5, 1e-45, -3.4028234e38, Infinity, -Infinity, Number.NaN]);
  const entries = new Map<string, HostTensor>([
    ["flag", { shape: [3], dtype: "bool", data: new Uint8Array([1, 0, 1]) }],
    ["layer1.0.weight", { shape: [2, 2, 2], dtype: "float32", data: floats }],
    ["pixels", { shape: [1, 3], dtype: "uint8", data: new Uint8Array([0, 128, 255]) }],
    ["num_batches_tracked", { shape: [], dtype: "int32", data: new Int32Array([-7]), storedAs: "I64" }],
    ["empty", { shape: [0, 4], dtype: "int32", data: new Int32Array(0) }],
    ['ünï "quoted"', { shape: [2], dtype: "int32", data: new Int32Array([-(2 ** 31), 2 ** 31 - 1]) }],
  ]);
  const metadata = new Map([
    ["format", "pt"],
    ["1", "ü"],
    ["__proto__", "y"],
  ]);

  it("comes back: order, shapes, dtypes, bits, stored types, metadata", () => {
    const read = decodeSafetensors(encodeSafetensors(entries, metadata));
    expect([...read.tensors.keys()]).toEqual([...entries.keys()]);
    for (const [name, { shape, dtype, data, storedAs }] of entries) {
      const found = read.tensors.get(name);
      expect(found?.shape).toEqual(shape);
      expect(found?.dtype).toBe(dtype);
      expect(found?.data).toEqual(data);
      expect(found?.storedAs).toBe(
        storedAs ?? { float32: "F32", int32: "I32", uint8: "U8", bool: "BOOL", float16: "F16" }[dtype],
      );
    }
    expect([...read.metadata]).toEqual([...metadata]);
  });

  it("is byte for byte what the format says", () => {
    const bytes = encodeSafetensors(
      new Map([["a", { shape: [1], dtype: "float32", data: new Float32Array([1]) } satisfies HostTensor]]),
    );
    const header = '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  ';
    expect(bytes).toEqual(file(header, new Uint8Array([0, 0, 0x80, 0x3f])));
  });

  it("is aligned: every tensor begins at a multiple of its element size", () => {
    const bytes = encodeSafetensors(entries, metadata);
    const widths = new Map([
      ["I64", 8],
      ["F32", 4],
      ["I32", 4],
      ["U8", 1],
      ["BOOL", 1],
    ]);
    const places = [...parseSafetensors(bytes).tensors.values()].map(
      ({ bytes: view, storedAs }) => view.byteOffset % (widths.get(storedAs) ?? 0),
    );
    expect(places).toEqual(places.map(() => 0));
  });

  it.each<[StoredType, number[], number[]]>([
    ["F64", [1.1, Infinity], [Math.fround(1.1), Infinity]],
    ["F16", [1.1, -65504, Infinity], [1.099609375, -65504, Infinity]],
    ["BF16", [1.1, -Infinity], [1.1015625, -Infinity]],
  ])("floats as %s are rounded once", (storedAs, values, expected) => {
    const data = new Float32Array(values);
    const bytes = encodeSafetensors(
      new Map([["a", { shape: [values.length], dtype: "float32", data, storedAs } satisfies HostTensor]]),
    );
    const found = decodeSafetensors(bytes).tensors.get("a");
    expect(found).toEqual({ shape: [values.length], dtype: "float32", data: new Float32Array(expected), storedAs });
  });

  it.each<[StoredType, number, number]>([
    ["I64", -(2 ** 31), 2 ** 31 - 1],
    ["I16", -(2 ** 15), 2 ** 15 - 1],
    ["I8", -128, 127],
    ["U64", 0, 2 ** 31 - 1],
    ["U32", 0, 2 ** 31 - 1],
    ["U16", 0, 2 ** 16 - 1],
  ])("integers as %s keep their ends", (storedAs, low, high) => {
    const data = new Int32Array([low, high]);
    const bytes = encodeSafetensors(
      new Map([["a", { shape: [2], dtype: "int32", data, storedAs } satisfies HostTensor]]),
    );
    expect(decodeSafetensors(bytes).tensors.get("a")).toEqual({ shape: [2], dtype: "int32", data, storedAs });
  });

  it.each<[string, HostTensor, RegExp]>([
    [
      "a value too large for its type",
      { shape: [1], dtype: "int32", data: new Int32Array([128]), storedAs: "I8" },
      /128 does not fit I8/,
    ],
    [
      "a negative value in an unsigned type",
      { shape: [1], dtype: "int32", data: new Int32Array([-1]), storedAs: "U64" },
      /-1 does not fit U64/,
    ],
    [
      "a finite value that would become infinite",
      { shape: [1], dtype: "float32", data: new Float32Array([65520]), storedAs: "F16" },
      /does not fit F16/,
    ],
    ["a bool that is 2", { shape: [1], dtype: "bool", data: new Uint8Array([2]) }, /2 does not fit BOOL/],
    [
      "floats in a type that is only read",
      { shape: [1], dtype: "float32", data: new Float32Array(1), storedAs: "F8_E4M3" },
      /cannot be stored as F8_E4M3/,
    ],
    [
      "floats as integers",
      { shape: [1], dtype: "float32", data: new Float32Array(1), storedAs: "I32" },
      /float32 cannot be stored as I32/,
    ],
    [
      "data of another type",
      { shape: [1], dtype: "float32", data: new Int32Array(1) },
      /Int32Array are not float32\[1\]/,
    ],
    ["data of another size", { shape: [2], dtype: "float32", data: new Float32Array(1) }, /1 elements/],
    ["a shape that is none", { shape: [0.5], dtype: "float32", data: new Float32Array(1) }, /not a shape/],
  ])("is refused: %s", (_, tensor, fault) => {
    expect(() => encodeSafetensors(new Map([["w", tensor]]))).toThrow(FormatError);
    expect(() => encodeSafetensors(new Map([["w", tensor]]))).toThrow(fault);
    expect(() => encodeSafetensors(new Map([["w", tensor]]))).toThrow(/tensor "w"/);
  });

  it("is refused under names that mean something else", () => {
    const tensor: HostTensor = { shape: [], dtype: "float32", data: new Float32Array(1) };
    for (const name of ["__metadata__", "__proto__", "a.prototype", "constructor.b"])
      expect(() => encodeSafetensors(new Map([[name, tensor]]))).toThrow(/may not be called/);
  });
});

describe("integers of 64 bits", () => {
  const int64 = (value: bigint): Uint8Array => new Uint8Array(new BigInt64Array([value]).buffer);
  const holding = (value: bigint): Uint8Array =>
    file(
      `{"n":${entry("[1]", 0, 8, "I64")},"w":${entry("[1]", 8, 12)}}`,
      new Uint8Array([...int64(value), 0, 0, 0x80, 0x3f]),
    );

  it("are int32 in memory while they fit", () => {
    for (const value of [0n, -(2n ** 31n), 2n ** 31n - 1n])
      expect(decodeSafetensors(holding(value)).tensors.get("n")).toEqual({
        shape: [1],
        dtype: "int32",
        data: new Int32Array([Number(value)]),
        storedAs: "I64",
      });
  });

  it("are refused when they do not, and the other tensors can still be had", () => {
    for (const value of [2n ** 31n, -(2n ** 31n) - 1n, 2n ** 62n + 1n]) {
      expect(() => decodeSafetensors(holding(value), "f")).toThrow(
        /f, tensor "n": element 0, .* stored as I64, does not fit int32/,
      );
      const stored = parseSafetensors(holding(value)).tensors.get("w");
      expect(stored && decodeStored(stored).data).toEqual(new Float32Array([1]));
    }
  });

  it("and a float64 beyond float32 likewise", () => {
    const bytes = file(`{"a":${entry("[1]", 0, 8, "F64")}}`, new Uint8Array(new Float64Array([1e300]).buffer));
    expect(() => decodeSafetensors(bytes)).toThrow(/1e\+300 stored as F64, does not fit float32/);
  });
});
