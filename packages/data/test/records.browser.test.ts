// Files of records in a page: a File that a person chose, or what was fetched.
import { expect, it } from "vitest";
import { loader } from "../src/loader.ts";
import { columnsOf, RecordWriter } from "../src/records/codec.ts";
import { encodeHeader, headerBytes } from "../src/records/layout.ts";
import { openRecords } from "../src/records/open-records.ts";
import { writeRecords } from "../src/records/write-records.ts";

const items = [0, 1, 2].map((index) => ({ x: Float32Array.of(index, -index), name: `é${index}` }));

/** The bytes that writeRecords would write. */
function fileOf(): File {
  const columns = columnsOf(items[0] ?? {});
  const writer = new RecordWriter();
  const records = items.map((item, index) => writer.encode(item, columns, index).slice());
  const schemaText = new TextEncoder().encode(JSON.stringify({ columns }));
  const schema = headerBytes + records.reduce((sum, { length }) => sum + length, 0);
  const index = schema + schemaText.length;
  const page = new DataView(new ArrayBuffer(8 + 4 * records.length));
  page.setBigUint64(0, BigInt(headerBytes), true);
  for (const [place, { length }] of records.entries()) page.setUint32(8 + 4 * place, length, true);
  const header = encodeHeader({ count: records.length, schema, index, end: index + page.byteLength });
  return new File([header, ...records, schemaText, page.buffer], "items.records");
}

it("records of a File are loaded, by waiting for them", async () => {
  const records = await openRecords<(typeof items)[number]>(fileOf());
  expect(records.length).toBe(3);
  expect(await records.get(2)).toEqual(items[2]);
  const names: (readonly string[])[] = [];
  for await (const { x, name } of loader(records, { batchSize: 2 })) {
    expect(x.shape[1]).toBe(2);
    names.push(name);
  }
  expect(names).toEqual([["é0", "é1"], ["é2"]]);
  await expect(openRecords(new File([new Uint8Array(9)], "other.bin"))).rejects.toThrow(
    /^other\.bin: it has 9 bytes, and is no file of records/,
  );
});

it("a page has no paths", async () => {
  await expect(openRecords("items.records")).rejects.toThrow(/a page has no file system to find a path in/);
  await expect(writeRecords("items.records", items)).rejects.toThrow(/a page has no file system/);
});
