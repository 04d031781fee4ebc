// Arrays of numpy.save (.npy), versions 1 to 3 of the format.
import { type Shape, type StoredTensor, type StoredType, sizeOf } from "@stria/core";
import { Budget } from "../budget.ts";
import { elementBytes } from "../elements/element-bytes.ts";
import { rowMajor } from "../elements/row-major.ts";
import { refuse } from "../fault.ts";
import { parseNpyHeader } from "./npy-header.ts";

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
const versionAt = magic.length;
const lengthAt = versionAt + 2;

/** Bytes of the header's length by version, and how its text is encoded. */
const versions = [
  { major: 1, lengthBytes: 2, encoding: "latin1" },
  { major: 2, lengthBytes: 4, encoding: "latin1" },
  { major: 3, lengthBytes: 4, encoding: "utf-8" },
] as const;

const elementTypes: Readonly<Record<string, StoredType>> = {
  f8: "F64",
  f4: "F32",
  f2: "F16",
  i8: "I64",
  i4: "I32",
  i2: "I16",
  i1: "I8",
  u8: "U64",
  u4: "U32",
  u2: "U16",
  u1: "U8",
  b1: "BOOL",
};

const otherKinds: Readonly<Record<string, string>> = {
  O: "Python objects, which are pickled and never read here",
  S: "texts",
  U: "texts",
  V: "structures or of a type that NumPy does not know",
  c: "complex numbers",
  M: "dates",
  m: "durations",
  f: "numbers of a length that is not read",
};

/** Whether bytes begin as a .npy file does. */
function isNpy(bytes: Uint8Array): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

function elementType(descr: string, source: string): { storedAs: StoredType; bigEndian: boolean } {
  const [, order, type = ""] = /^([<>|=]?)(.*)$/.exec(descr) ?? [];
  const storedAs = Object.hasOwn(elementTypes, type) ? elementTypes[type] : undefined;
  if (storedAs !== undefined) return { storedAs, bigEndian: order === ">" };
  const kind = Object.hasOwn(otherKinds, type[0] ?? "") ? otherKinds[type[0] ?? ""] : "of no type that is read";
  return refuse(
    source,
    `its elements, ${JSON.stringify(descr.slice(0, 40))}, are ${kind}`,
    "save an array of numbers or booleans: array.astype(numpy.float32)",
  );
}

/** The strides, in elements, of an array that is contiguous with its first axis fastest. */
function fortranStrides(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
}

function rowMajorStrides(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** As {@link readNpy}, of a budget that is shared by the arrays of an archive. */
export function readArray(bytes: Uint8Array, source: string, budget: Budget): StoredTensor {
  if (!isNpy(bytes)) return refuse(source, "this is no file of numpy.save", "pass a .npy file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = versions.find(({ major }) => major === bytes[versionAt] && bytes[versionAt + 1] === 0);
  if (version === undefined)
    return refuse(
      source,
      `version ${bytes[versionAt]}.${bytes[versionAt + 1]} of the format is not read`,
      "save it with numpy.save, which writes 1.0 to 3.0",
    );
  const headerAt = lengthAt + version.lengthBytes;
  if (headerAt > bytes.length) return refuse(source, "it is cut in its header");
  const length = version.lengthBytes === 2 ? view.getUint16(lengthAt, true) : view.getUint32(lengthAt, true);
  const bodyAt = headerAt + length;
  if (bodyAt > bytes.length)
    return refuse(source, `its header should have ${length} bytes, in a file of ${bytes.length}`);
  budget.spend(4 * length, "its header");
  const text = new TextDecoder(version.encoding).decode(bytes.subarray(headerAt, bodyAt));
  const { descr, fortranOrder, shape } = parseNpyHeader(text, source);
  const { storedAs, bigEndian } = elementType(descr, source);
  const stated = sizeOf(shape) * elementBytes[storedAs];
  if (stated !== bytes.length - bodyAt)
    return refuse(
      source,
      `an array of ${descr} with shape [${shape.join(", ")}] takes ${stated} bytes, there are ${bytes.length - bodyAt}`,
      "the file is damaged, or several arrays are in it; get it again, or save them with numpy.savez",
    );
  const strides = fortranOrder ? fortranStrides(shape) : rowMajorStrides(shape);
  const tensor = { shape, storedAs, offset: 0, strides, bigEndian };
  budget.spend(fortranOrder || bigEndian ? stated : 0, "the array");
  return { shape, storedAs, bytes: rowMajor(bytes.subarray(bodyAt), tensor) };
}

/**
 * Reads an array that numpy.save has written: numbers of every length and booleans, in either byte order, row- or column-major. It
 * comes row-major and little-endian, in the type it was saved in, for `decodeStored` of `@stria/core/safetensors`; where it lies so in the
 * file, its bytes are a view of it.
 * @param source what to call the file in errors
 * @throws FormatError for a file that is damaged or of another kind, and for arrays of objects, texts, complex numbers and structures
 */
export function readNpy(bytes: Uint8Array, source: string = "NumPy file"): StoredTensor {
  const given: unknown = bytes; // what JavaScript may pass
  if (!(given instanceof Uint8Array))
    return refuse(source, "what was given is no Uint8Array", "pass the file's bytes: new Uint8Array(arrayBuffer)");
  return readArray(bytes, source, new Budget(source, bytes.length));
}
