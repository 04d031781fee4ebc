// The encodings of numbers in the WebAssembly binary format, at the end of lists of bytes. Plain lists grow faster than buffers do in a process that has
// just begun, where all this is interpreted.

/** LEB128 of a number from 0 to 2^32 - 1. */
export function pushUnsigned(bytes: number[], value: number): void {
  let rest = value >>> 0;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
}

/** LEB128 of an int32. */
export function pushSigned(bytes: number[], value: number): void {
  let rest = value | 0;
  while (rest < -64 || rest > 63) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  bytes.push(rest & 0x7f);
}

/** LEB128 of an int64 given as a safe integer. */
export function pushSigned64(bytes: number[], value: number): void {
  let rest = BigInt(value);
  while (rest < -64n || rest > 63n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest & 0x7fn));
}

/** The bits of a float32, little-endian. */
export function pushFloat32(bytes: number[], value: number): void {
  bytes.push(...new Uint8Array(new Float32Array([value]).buffer));
}

/** The bits of a float64, little-endian. */
export function pushFloat64(bytes: number[], value: number): void {
  bytes.push(...new Uint8Array(new Float64Array([value]).buffer));
}

/** 32-bit words, little-endian. */
export function pushWords(bytes: number[], words: readonly number[]): void {
  bytes.push(...new Uint8Array(new Int32Array(words).buffer));
}

/** A name: length, then bytes. Names here are ASCII. */
export function pushName(bytes: number[], text: string): void {
  pushUnsigned(bytes, text.length);
  for (let index = 0; index < text.length; index++) bytes.push(text.charCodeAt(index));
}

/** One buffer of all these bytes, in order. */
export function joined(lists: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthOf(lists));
  let at = 0;
  for (const list of lists) {
    bytes.set(list, at);
    at += list.length;
  }
  return bytes;
}

export function lengthOf(lists: readonly (readonly number[])[]): number {
  return lists.reduce((sum, list) => sum + list.length, 0);
}
