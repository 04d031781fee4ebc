// Files of records: what is written is read, in any order, and files that are something else are refused.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AttributeError, FormatError } from "@stria/core";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { classLabel, type Dataset } from "../src/dataset.ts";
import { loader } from "../src/loader.ts";
import { listDataset } from "../src/own-items.ts";
import { openRecords } from "../src/records/open-records.ts";
import { writeRecords } from "../src/records/write-records.ts";

const folder = mkdtempSync(join(tmpdir(), "stria-records-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const path = (): string => join(folder, `${files++}.records`);

interface Item {
  readonly image: Uint8Array;
  readonly label: number;
  readonly name: string;
}
const itemOf = (index: number): Item => ({
  image: Uint8Array.from({ length: 4 + (index % 3) }, (_, place) => index * 7 + place),
  label: index % 5,
  name: `é${index}`,
});
const many: Dataset<Item> = { length: 700, fields: { label: classLabel(5) }, get: async (index) => itemOf(index) };

async function written<Written extends object>(items: Parameters<typeof writeRecords<Written>>[1]): Promise<string> {
  const file = path();
  await writeRecords(file, items);
  return file;
}

describe("records", () => {
  it("are read in any order, with what the dataset states of its fields", async () => {
    const file = path();
    const { count, bytes } = await writeRecords(file, many, { fields: { name: { shape: [], dtype: "uint8" } } });
    expect([count, bytes]).toEqual([700, readFileSync(file).length]);
    const records = await openRecords<Item>(file);
    expect(records.length).toBe(700);
    expect(records.bytes).toBe(bytes);
    expect(records.fields).toEqual({ label: classLabel(5), name: { shape: [], dtype: "uint8" } });
    for (const index of [699, 0, 255, 256, 257, 511, 512, 3]) expect(records.get(index)).toEqual(itemOf(index));
    records.close();
    expect(() => records.get(0)).toThrow(/it was closed/);
  });

  it("are of streams, lists and generators too, or none", async () => {
    const list = [{ x: 1 }, { x: 2 }];
    for (const source of [
      list,
      list.values(),
      listDataset(list),
      (async function* () {
        yield* list;
      })(),
    ]) {
      const records = await openRecords<{ x: number }>(await written(source));
      expect([records.length, records.get(1)]).toEqual([2, { x: 2 }]);
      records.close();
    }
    const none = await openRecords(await written([]));
    expect(none.length).toBe(0);
    expect(() => none.get(0)).toThrow(/has no record 0/);
    none.close();
  });

  it("hold every value that a batch is made of, and what JSON says", async () => {
    const numbers = fc.double();
    const item = fc.record({
      a: numbers,
      b: fc.boolean(),
      c: fc.string({ unit: "grapheme" }),
      d: fc.float32Array(),
      e: fc.int32Array(),
      f: fc.uint8Array(),
      g: fc.uint16Array(),
      h: fc.array(fc.record({ box: fc.array(fc.integer()), name: fc.string() })),
      i: fc.constant(null),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 8 }), async (items) => {
        const file = await written(items);
        const records = await openRecords<object>(file);
        for (const [index, expected] of items.entries()) expect(records.get(index)).toEqual(expected);
        records.close();
        rmSync(file);
      }),
      { numRuns: 25 },
    );
  });

  it("are batches of a loader", async () => {
    const same: Dataset<{ readonly x: Float32Array; readonly y: number }> = {
      length: 300,
      fields: { x: { shape: [1, 2], dtype: "float32" }, y: classLabel(3) },
      get: (index) => ({ x: Float32Array.of(index, -index), y: index % 3 }),
    };
    const records = await openRecords<{ readonly x: Float32Array; readonly y: number }>(await written(same));
    const of = (dataset: typeof same) => [...loader(dataset, { batchSize: 128, shuffle: true, seed: 1 })];
    const [read, expected] = [of(records), of(same)];
    expect(read[0]?.x.shape).toEqual([128, 1, 2]);
    for (const [index, batch] of expected.entries())
      expect(await read[index]?.x.array()).toEqual(await batch.x.array());
    records.close();
  });

  it("are read from a Blob too, by waiting for them", async () => {
    const file = await written(many);
    const records = await openRecords<Item>(new Blob([readFileSync(file)]));
    expect(records.get(513)).toBeInstanceOf(Promise);
    expect(await records.get(513)).toEqual(itemOf(513));
  });
});

describe("bad input", () => {
  it("items that cannot be kept are named, and no file is left", async () => {
    const faults: [unknown[], RegExp][] = [
      [[{ x: 1 }, { y: 1 }], /the fields of item 1 are y, and of item 0 x/],
      [[{ x: 1 }, { x: "1" }], /x of item 1 is text, and of item 0 number/],
      [[{ x: () => 1 }], /x of item 0 is function/],
      [[{ x: new Float64Array(1) }], /x of item 0 is a Float64Array/],
      [[{ x: [Number.NaN] }], /x of item 0 holds NaN/],
    ];
    const before = readdirSync(folder);
    for (const [items, message] of faults) {
      const failing = writeRecords(path(), items as object[]);
      await expect(failing).rejects.toThrow(AttributeError);
      await expect(failing).rejects.toThrow(message);
    }
    await expect(writeRecords(path(), many, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(
      "enough",
    );
    expect(readdirSync(folder)).toEqual(before);
  });

  it("files that are not there, cut, damaged or something else are refused by name", async () => {
    const whole = readFileSync(await written(many));
    const opened = async (bytes: Uint8Array): Promise<unknown> => {
      const file = path();
      writeFileSync(file, bytes);
      return openRecords(file);
    };
    const changed = (place: number, value: number): Uint8Array => {
      const bytes = new Uint8Array(whole);
      bytes[place] = value;
      return bytes;
    };
    const missing = join(folder, "missing.records");
    await expect(openRecords(missing)).rejects.toThrow(`${missing}: it cannot be opened`);
    expect(existsSync(missing)).toBe(false);
    const faults: [Uint8Array, RegExp][] = [
      [new Uint8Array(), /\.records: it has 0 bytes, and is no file of records/],
      [new Uint8Array(100), /it is no file of records/],
      [whole.subarray(0, -1), /and says that it has/],
      [changed(8, 2), /of version 2, and this reads version 1/],
      [changed(16, 1), /its header is damaged/],
      [changed(31, 1), /its header is damaged/],
      [changed(33, 0), /its header is damaged/],
    ];
    for (const [bytes, message] of faults) {
      await expect(opened(bytes)).rejects.toThrow(FormatError);
      await expect(opened(bytes)).rejects.toThrow(message);
    }
    const schema = Number(new DataView(whole.buffer, whole.byteOffset).getBigUint64(24, true));
    await expect(opened(changed(schema, 0))).rejects.toThrow(/what it says of its fields cannot be read/);
  });

  it("a file with any byte changed is read, or refused by name", async () => {
    const whole = readFileSync(await written([itemOf(0), itemOf(1)]));
    for (let place = 0; place < whole.length; place += 3) {
      const bytes = new Uint8Array(whole);
      bytes[place] = (bytes[place] ?? 0) ^ 0x41;
      const reading = async (): Promise<string> => {
        const records = await openRecords(new Blob([bytes]));
        await records.get(0);
        await records.get(1);
        return "read";
      };
      const found = await reading().catch((error: unknown) => (error instanceof FormatError ? "refused" : error));
      expect(["read", "refused"]).toContain(found);
    }
  });
});
