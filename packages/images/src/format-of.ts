// The kind of a file, by its first bytes: names lie.
import type { ImageFormat } from "./image.ts";

const beginnings: readonly (readonly [ImageFormat, readonly number[]])[] = [
  ["png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["jpeg", [0xff, 0xd8, 0xff]],
  ["gif", [0x47, 0x49, 0x46, 0x38]],
  ["bmp", [0x42, 0x4d]],
];

const textAt = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));

/** The format that `bytes` begin as, where it is one that is read. */
export function formatOf(bytes: Uint8Array): ImageFormat | undefined {
  const known = beginnings.find(([, beginning]) => beginning.every((byte, at) => bytes[at] === byte));
  if (known) return known[0];
  const isWebp = textAt(bytes, 0) === "RIFF" && textAt(bytes, 8) === "WEBP";
  if (isWebp) return "webp";
  const isPnm = bytes[0] === 0x50 && [0x32, 0x33, 0x35, 0x36].includes(bytes[1] ?? 0); // P2, P3, P5, P6
  return isPnm ? "pnm" : undefined;
}
