// Base64 of the bytes of host arrays, little-endian, in every runtime.
import { type TypedArray, allocate, bytesOf, type DType } from "../tensor/dtype.ts";

/** Arguments of one call of fromCharCode: more than some tens of thousands overflow the stack. */
const chunk = 0x2000;
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The bytes of `data` in the other byte order where the machine's is not the file's. */
function fileOrder(bytes: Uint8Array, width: number): Uint8Array {
  if (isLittleEndian || width === 1) return bytes;
  const swapped = bytes.slice();
  for (let start = 0; start < swapped.length; start += width) swapped.subarray(start, start + width).reverse();
  return swapped;
}

export function toBase64(data: TypedArray): string {
  const bytes = fileOrder(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), data.BYTES_PER_ELEMENT);
  let text = "";
  for (let start = 0; start < bytes.length; start += chunk)
    text += String.fromCharCode(...bytes.subarray(start, start + chunk));
  return btoa(text);
}

/** The array that `toBase64` wrote; undefined where the text is no base64 or does not hold exactly `length` elements. */
export function fromBase64(text: string, dtype: DType, length: number): TypedArray | undefined {
  const size = length * bytesOf(dtype);
  if (text.length !== Math.ceil(size / 3) * 4) return undefined; // before anything of a size that the file claims is made
  let decoded: string;
  try {
    decoded = atob(text);
  } catch {
    return undefined;
  }
  if (decoded.length !== size) return undefined;
  const data = allocate(dtype, length);
  const bytes = new Uint8Array(data.buffer);
  for (let i = 0; i < size; i++) bytes[i] = decoded.charCodeAt(i);
  bytes.set(fileOrder(bytes, bytesOf(dtype)));
  return data;
}
