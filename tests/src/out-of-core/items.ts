// Records of which each is large and says little: what is trained is made of a few of its bytes, so that reading is nearly all there is to do.
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { classLabel, type Fields } from "@stria/data";
import { encodeHeader, headerBytes, indexBytes, pageRecords } from "../../../packages/data/src/records/layout.ts";

export interface Item {
  readonly image: Uint8Array;
  readonly label: number;
}

export interface Reduced {
  readonly x: Float32Array;
  readonly y: number;
}

export const imageBytes: number = 2 ** 18;
const features = 16;
export const reducedFields: Fields = { x: { shape: [features], dtype: "float32" }, y: classLabel(2) };

/** The first bytes, whose first one tells the class, and one from the end. */
export function reduce({ image, label }: Item): Reduced {
  const x = Float32Array.from(image.subarray(0, features));
  x[features - 1] = image.at(-1) ?? Number.NaN;
  return { x, y: label };
}

/** A file of so many records that takes little room on the disk: most of each is a hole, which is read as zeros. */
export function writeSparseRecords(path: string, count: number): number {
  const recordBytes = 4 + imageBytes + 8;
  const fields: Fields = { image: { shape: [imageBytes], dtype: "uint8" }, label: classLabel(2) };
  const columns = [
    { name: "image", kind: "uint8" },
    { name: "label", kind: "number" },
  ];
  const schemaText = new TextEncoder().encode(JSON.stringify({ fields, columns }));
  const schema = headerBytes + count * recordBytes;
  const index = schema + schemaText.length;
  const end = index + indexBytes(count);
  const file = openSync(path, "w");
  ftruncateSync(file, end);
  writeSync(file, encodeHeader({ count, schema, index, end }), 0, headerBytes, 0);
  writeSync(file, schemaText, 0, schemaText.length, schema);
  let place = index;
  for (let record = 0; record < count; record++) {
    const start = headerBytes + record * recordBytes;
    const label = record % 2;
    const head = new DataView(new ArrayBuffer(4 + features));
    head.setUint32(0, imageBytes, true);
    for (let feature = 0; feature < features; feature++)
      head.setUint8(4 + feature, label + ((record * (feature + 1)) % 3));
    writeSync(file, head, 0, head.byteLength, start);
    const tail = new DataView(new ArrayBuffer(8));
    tail.setFloat64(0, label, true);
    writeSync(file, tail, 0, 8, start + 4 + imageBytes);
    const entry = new DataView(new ArrayBuffer(12));
    const first = record % pageRecords === 0 ? 8 : 0;
    if (first > 0) entry.setBigUint64(0, BigInt(start), true);
    entry.setUint32(first, recordBytes, true);
    writeSync(file, entry, 0, first + 4, place);
    place += first + 4;
  }
  closeSync(file);
  return end;
}
