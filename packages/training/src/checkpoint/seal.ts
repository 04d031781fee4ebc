// A checksum inside a safetensors file, so that one that was changed on its way is refused: CRC-32 (ISO 3309) of all its bytes, its own digits taken as zeros.
import { FormatError } from "@stria/core";

/** The first entry of the metadata, so that its place in the file is known. */
export const sealEntry: readonly [string, string] = ["crc32", "00000000"];

const before = new TextEncoder().encode(`{"__metadata__":{"${sealEntry[0]}":"`);
const first = 8 + before.length; // behind the length of the header
const digits = sealEntry[1].length;
const zeros = /* @__PURE__ */ new Uint8Array(digits).fill(0x30);

const table = /* @__PURE__ */ Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** The CRC-32 of `bytes` behind those that gave `earlier`. */
export function crc32(bytes: Uint8Array, earlier = 0): number {
  let value = ~earlier;
  for (let index = 0; index < bytes.length; index++)
    value = (table[(value ^ (bytes[index] ?? 0)) & 255] ?? 0) ^ (value >>> 8);
  return ~value >>> 0;
}

function sumOf(bytes: Uint8Array): string {
  const sum = crc32(bytes.subarray(first + digits), crc32(zeros, crc32(bytes.subarray(0, first))));
  return sum.toString(16).padStart(digits, "0");
}

function isSealed(bytes: Uint8Array): boolean {
  return before.every((byte, index) => bytes[8 + index] === byte);
}

/** Writes the checksum into a file whose metadata begin with {@link sealEntry}. */
export function seal(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  bytes.set(new TextEncoder().encode(sumOf(bytes)), first);
  return bytes;
}

/** @throws FormatError when the checksum of a file that has one, or must have one, is not that of its bytes. */
export function checkSeal(bytes: Uint8Array, source: string, required: boolean): void {
  const sealed = isSealed(bytes);
  if (!sealed && !required) return;
  if (!sealed || new TextDecoder().decode(bytes.subarray(first, first + digits)) !== sumOf(bytes))
    throw new FormatError(
      source,
      "its checksum is not that of its bytes",
      "the file was changed or cut off; take an older one",
    );
}
