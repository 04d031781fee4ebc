// Stored elements, decoded many at a time: the same as one by one, at every offset in a file, and the first that does not fit is named.
import { expect, test } from "vitest";
import { decodeStored } from "../../src/safetensors/safetensors.ts";
import { type StoredType, isStoredType, storages } from "../../src/safetensors/storage.ts";
import { fillBits, streamKey } from "../../src/random/index.ts";

const types = Object.keys(storages).filter(isStoredType);
const count = 1000;

/** Bytes at an odd place of a larger buffer. */
function placed(values: Uint8Array, offset: number): Uint8Array {
  const buffer = new Uint8Array(values.length + offset + 3);
  buffer.set(values, offset);
  return buffer.subarray(offset, offset + values.length);
}

/** Patterns of bits of every kind; of 8-byte integers small ones, so that they fit. */
function patterns(type: StoredType): Uint8Array {
  const { bytes } = storages[type];
  const words = new Uint32Array((count * bytes) / 4 + 1);
  fillBits(streamKey(7, "patterns"), 0, words);
  const made = new Uint8Array(words.buffer).slice(0, count * bytes);
  const view = new DataView(made.buffer);
  for (let index = 0; index < count; index++) {
    const small = index * 4_294_967 - 2 ** 31;
    if (type === "I64") view.setBigInt64(8 * index, BigInt(small), true);
    if (type === "U64") view.setBigUint64(8 * index, BigInt(Math.abs(small + 1)), true);
    if (type === "U32") view.setUint32(4 * index, Math.abs(small + 1), true);
    if (type === "BOOL") made[index] = index % 3 === 0 ? 1 : 0;
    if (type === "F64") view.setFloat64(8 * index, small * 1.37e-5, true);
  }
  if (type === "F64")
    [Infinity, -Infinity, NaN, -0, 1e-320].forEach((value, index) => view.setFloat64(8 * index, value, true));
  return made;
}

test.each(types)("%s", (type) => {
  const bytes = patterns(type);
  const { read, bytes: size, dtype } = storages[type];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const expected = Array.from({ length: count }, (_, index) => {
    const value = read(view, index * size);
    return dtype === "float32" ? Math.fround(value) : value;
  });
  for (const offset of [0, 1, 2, 4, 7])
    expect(Array.from(decodeStored({ shape: [count], storedAs: type, bytes: placed(bytes, offset) }).data)).toEqual(
      expected,
    );
});

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

test.each<[type: StoredType, array: ArrayBufferView, fault: string]>([
  ["I64", BigInt64Array.of(1n, -(2n ** 31n), 2n ** 31n), "element 2, 2147483648 stored as I64, does not fit int32"],
  ["I64", BigInt64Array.of(-(2n ** 31n) - 1n), "element 0, -2147483649 stored as I64"],
  ["U64", BigUint64Array.of(2n ** 31n - 1n, 2n ** 31n), "element 1, 2147483648 stored as U64"],
  ["U64", BigUint64Array.of(2n ** 32n), "element 0, 4294967296 stored as U64"],
  ["U32", Uint32Array.of(2 ** 31 - 1, 4_294_967_295), "element 1, 4294967295 stored as U32"],
  ["F64", Float64Array.of(-Infinity, -1e300), "element 1, -1e+300 stored as F64, does not fit float32"],
  ["BOOL", Uint8Array.of(0, 1, 7), "element 2, 7 stored as BOOL, does not fit bool"],
])("%s that does not fit", (type, array, fault) => {
  const bytes = bytesOf(array);
  const shape = [bytes.length / storages[type].bytes];
  for (const offset of [0, 3])
    expect(() => decodeStored({ shape, storedAs: type, bytes: placed(bytes, offset) })).toThrow(fault);
});

test("bytes of another count", () => {
  expect(() => decodeStored({ shape: [2], storedAs: "F32", bytes: new Uint8Array(7) }, "f")).toThrow(
    "f: 7 bytes are not the 8 of F32[2]",
  );
});
