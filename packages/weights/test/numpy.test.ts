// Files of NumPy, put together byte by byte: what comes out is what its format document (NEP 1) says is in.
import { deflateRawSync, crc32 } from "node:zlib";
import { FormatError } from "@stria/core";
import { decodeStored } from "@stria/core/safetensors";
import { readNpy, readNpz } from "@stria/weights";
import { describe, expect, test } from "vitest";
import { joined, type Part, zip } from "./files.ts";

/** A .npy file of version `major`. */
function npy(head: string, body: Uint8Array, major = 1): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(`${head}\n`);
  const length: Part[] = [text.length & 255, text.length >> 8, ...(major === 1 ? [] : [0, 0])];
  return joined(0x93, "NUMPY", major, 0, ...length, text, body);
}

function header(descr: string, shape: string, order = "False"): string {
  return `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
}

const bytes = (data: ArrayBufferView<ArrayBuffer>): Uint8Array => new Uint8Array(data.buffer);
const floats = bytes(Float32Array.of(1, 2, 3, 4, 5, 6));

function numbersOf(file: Uint8Array): number[] {
  return [...decodeStored(readNpy(file, "a.npy")).data];
}

describe("readNpy", () => {
  test.each([
    ["<f8", "F64", new Float64Array([0.5, -2]), [0.5, -2]],
    ["<f4", "F32", new Float32Array([0.5, -2]), [0.5, -2]],
    ["<f2", "F16", new Uint16Array([0x3800, 0xc000]), [0.5, -2]],
    ["<i8", "I64", new BigInt64Array([5n, -2n]), [5, -2]],
    ["<i4", "I32", new Int32Array([5, -2]), [5, -2]],
    ["<i2", "I16", new Int16Array([5, -2]), [5, -2]],
    ["|i1", "I8", new Int8Array([5, -2]), [5, -2]],
    ["<u8", "U64", new BigUint64Array([5n, 6n]), [5, 6]],
    ["<u4", "U32", new Uint32Array([5, 6]), [5, 6]],
    ["<u2", "U16", new Uint16Array([5, 6]), [5, 6]],
    ["|u1", "U8", new Uint8Array([5, 254]), [5, 254]],
    ["|b1", "BOOL", new Uint8Array([1, 0]), [1, 0]],
  ])("%s is %s, in either byte order", (descr, storedAs, data, expected) => {
    const body = bytes(data);
    const tensor = readNpy(npy(header(descr, "(2,)"), body));
    expect(tensor).toEqual({ shape: [2], storedAs, bytes: body });
    expect(numbersOf(npy(header(descr, "(2,)"), body))).toEqual(expected);
    const width = data.BYTES_PER_ELEMENT;
    const swapped = joined(body.slice(0, width).toReversed(), body.slice(width).toReversed());
    expect(numbersOf(npy(header(descr.replace("<", ">"), "(2,)"), swapped))).toEqual(expected);
  });

  test("shapes, the order of the axes, versions, and what other writers write", () => {
    expect(readNpy(npy(header("<f4", "(2, 3)"), floats)).shape).toEqual([2, 3]);
    expect(readNpy(npy(header("<f4", "()"), floats.slice(0, 4))).shape).toEqual([]);
    expect(readNpy(npy(header("<f4", "(0, 3)"), new Uint8Array(0))).shape).toEqual([0, 3]);
    expect(readNpy(npy(header("<f4", "(6L,)"), floats)).shape).toEqual([6]);
    expect(numbersOf(npy(header("<f4", "(2, 3)", "True"), floats))).toEqual([1, 3, 5, 2, 4, 6]);
    expect(numbersOf(npy(header("<f4", "(3, 1, 2)", "True"), floats))).toEqual([1, 4, 2, 5, 3, 6]);
    for (const version of [2, 3]) expect(numbersOf(npy(header("<f4", "(6,)"), floats, version))).toHaveLength(6);
    const other = `{"shape":(6),"fortran_order":False,"descr":"=f4"}`;
    expect(() => readNpy(npy(`${other},`, floats))).toThrow("expected nothing more");
    expect(numbersOf(npy(other, floats))).toHaveLength(6);
  });

  const good = header("<f4", "(6,)");
  test.each([
    ["objects", npy(header("|O", "(6,)"), floats), `"|O", are Python objects, which are pickled and never read here`],
    ["texts", npy(header("<U6", "(1,)"), floats), `"<U6", are texts`],
    ["complex numbers", npy(header("<c8", "(3,)"), floats), "are complex numbers. Remedy: save an array of numbers"],
    ["long doubles", npy(header("<f16", "(1,)"), floats), "are numbers of a length that is not read"],
    ["structures", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}", floats), "several fields"],
    ["a type of no kind", npy(header("constructor", "(6,)"), floats), "are complex numbers"],
    ["a call", npy(header("<f4", "(f(),)"), floats), "header is wrong at character 51: expected a whole number"],
    ["a length beyond counting", npy(header("<f4", "(99999999999999999,)"), floats), "99999999999999999 is too large"],
    ["too many axes", npy(header("<f4", `(${"1,".repeat(65)})`), floats), "more than 64 dimensions"],
    ["a second shape", npy(`${good.slice(0, -1)} 'shape': (6,)}`, floats), `there is no "shape" in a header, or it is`],
    ["no shape", npy("{'descr': '<f4', 'fortran_order': False}", floats), "it needs descr, fortran_order and shape"],
    ["no truth", npy(header("<f4", "(6,)", "1"), floats), "expected True or False"],
    ["an open tuple", npy("{'shape': (6", floats), "expected )"],
    ["an open dict", npy("{'shape': (6,)", floats), "expected }"],
    ["numbers that are missing", npy(good, floats.slice(0, 20)), "shape [6] takes 24 bytes, there are 20"],
    ["two arrays", joined(npy(good, floats), npy(good, floats)), "several arrays are in it"],
    ["a header that is cut", npy(good, floats).subarray(0, 40), "its header should have 58 bytes, in a file of 40"],
    ["a length that is cut", npy(good, floats).subarray(0, 9), "it is cut in its header"],
    ["a version", npy(good, floats, 4), "version 4.0 of the format is not read"],
    ["another file", joined("PK", 3, 4), "this is no file of numpy.save"],
  ])("refuses %s", (_, file, fault) => {
    expect(() => readNpy(file, "a.npy")).toThrow(FormatError);
    expect(() => readNpy(file, "a.npy")).toThrow(fault);
    expect(() => readNpy(file, "a.npy")).toThrow(/^a\.npy: .* Remedy: /);
  });

  test("refuses what is no bytes", () => {
    // @ts-expect-error what JavaScript may pass
    expect(() => readNpy("a.npy")).toThrow("what was given is no Uint8Array");
  });
});

describe("readNpz", () => {
  const array = npy(header("<f4", "(6,)"), floats);

  /** An archive with one deflated entry; the directory may state another length or checksum. */
  function packed(contents: Uint8Array, stated: { length?: number; crc?: number } = {}): Uint8Array<ArrayBuffer> {
    const deflated = new Uint8Array(deflateRawSync(contents));
    return zip({ "w.npy": deflated }, 8, { length: contents.length, crc: crc32(contents), ...stated });
  }

  function packedWithJunk(contents: Uint8Array): Uint8Array<ArrayBuffer> {
    return zip({ "w.npy": joined(new Uint8Array(deflateRawSync(contents)), 1, 2, 3) }, 8, { length: 10 });
  }

  test("arrays, stored and deflated, by name", async () => {
    const stored = zip({ "block/w.npy": array, "b.npy": array }, 0, { crc: crc32(array) });
    expect([...(await readNpz(stored)).keys()]).toEqual(["block/w", "b"]);
    expect((await readNpz(packed(array))).get("w")).toEqual({ shape: [6], storedAs: "F32", bytes: floats });
  });

  test("those that are asked for, the others unread", async () => {
    const mixed = zip({ "a.npy": array, "note.npy": npy(header("<U6", "(1,)"), floats) }, 0, { crc: crc32(array) });
    expect([...(await readNpz(mixed, "a.npz", { names: ["a"] })).keys()]).toEqual(["a"]);
    await expect(readNpz(mixed, "a.npz", { names: ["b"] })).rejects.toThrow(
      'a.npz: there is no array "b" in it. Remedy: ask for a.npy, note.npy',
    );
  });

  test("an archive that would fill the memory is refused before it is inflated", async () => {
    await expect(readNpz(packed(new Uint8Array(40_000_000)), "bomb.npz")).rejects.toThrow(
      /bomb\.npz: the entry "w\.npy" of the zip archive would take far more memory than the file's size explains/,
    );
    await expect(readNpz(packed(new Uint8Array(40_000_000), { length: 100 }), "bomb.npz")).rejects.toThrow(
      'the entry "w.npy" of the zip archive cannot be inflated to the 100 bytes that it should have',
    );
  });

  test.each([
    ["shorter than stated", packed(array, { length: 1000 }), "cannot be inflated to the 1000 bytes"],
    ["longer than stated, with junk behind", packedWithJunk(array), "cannot be inflated to the 10 bytes"],
    ["no deflate stream", zip({ "w.npy": array }, 8, { length: 90 }), "cannot be inflated to the 90 bytes"],
    ["of another checksum", packed(array, { crc: 1 }), 'the entry "w.npy" of the zip archive is damaged: its checksum'],
    ["no array", zip({ "readme.txt": array }, 0, { crc: crc32(array) }), '"readme.txt", which is no array'],
    ["packed in an unknown way", zip({ "w.npy": array }, 12), 'an entry "w.npy" that is compressed (method 12)'],
    ["called __proto__", zip({ "__proto__/w.npy": array }), 'a tensor may not be called "__proto__/w"'],
    ["of texts", zip({ "w.npy": npy(header("<U6", "(1,)"), floats) }, 0, { crc: 0 }), "w.npy"],
  ])("refuses an entry that is %s", async (_, file, fault) => {
    await expect(readNpz(file, "a.npz")).rejects.toThrow(FormatError);
    await expect(readNpz(file, "a.npz")).rejects.toThrow(fault);
  });

  test("refuses what is no bytes", async () => {
    // @ts-expect-error what JavaScript may pass
    await expect(readNpz("a.npz")).rejects.toThrow("what was given is no Uint8Array");
  });
});
