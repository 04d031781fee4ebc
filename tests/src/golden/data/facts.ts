// Facts about real files, held against what the readers find in them.
import { deepEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "@stria/download";
import type { HostTensor } from "@stria/core";
import { type Json, type JsonObject, asNumber, asObject, asText, isList, isObject } from "../json.ts";
import { Unsupported } from "../outcome.ts";

/** What a check is given. */
export interface Facts {
  readonly golden: JsonObject;
  /** The folder of data. */
  readonly folder: string;
  /** The tensors beside the golden file. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  bytes(path: string): Uint8Array<ArrayBuffer>;
}

/** A check by its name. @throws where something differs */
export type Check = (facts: Facts) => void | Promise<void>;

/** The facts of a part of the golden file. @throws Unsupported where the data are not there */
export function factsOf(golden: JsonObject, data: string | undefined, tensors: Facts["tensors"]): Facts {
  if (data === undefined) throw new Unsupported("facts about data sets whose folder is not here");
  const bytes = (path: string): Uint8Array<ArrayBuffer> => {
    const file = join(data, path);
    if (!existsSync(file)) throw new Unsupported(`${path}, which is not in the folder of data`);
    return new Uint8Array(readFileSync(file));
  };
  return { golden, folder: data, tensors, bytes };
}

/** @throws AssertionError that says what differs */
export function same(what: string, found: unknown, wanted: unknown): void {
  deepEqual(
    found,
    wanted,
    `${what} ${JSON.stringify(found)?.slice(0, 200)} is not ${JSON.stringify(wanted)?.slice(0, 200)}`,
  );
}

/** Means, deviations and shares are written with seven digits. */
export function near(what: string, found: number | undefined, wanted: Json | undefined): void {
  const value = asNumber(wanted, what);
  if (!(Math.abs((found ?? Number.NaN) - value) <= 1e-7)) throw new Error(`${what} is ${found} instead of ${value}`);
}

export function hashOf(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** How many labels there are of each class. */
export function countsOf(labels: Iterable<number>, classes: number): number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/** What is said of one image: its sum, its hash, and the beginning of its middle row. */
export function sameImage(what: string, pixels: Uint8Array, golden: JsonObject): void {
  const shape = (isList(golden["shape"]) ? golden["shape"] : []).map((side) => asNumber(side, "a side"));
  const [height = 0, width = 0] = shape.slice(-2);
  const row = (isList(golden["middleRow"]) ? golden["middleRow"] : []).map((value) => asNumber(value, "a pixel"));
  same(
    `${what}: its sum`,
    pixels.reduce((sum, value) => sum + value, 0),
    golden["sum"],
  );
  same(`${what}: its hash`, hashOf(pixels), golden["sha256"]);
  const middle = Math.floor(height / 2) * width;
  same(`${what}: its middle row`, [...pixels.subarray(middle, middle + row.length)], row);
}

/** Every file that is named anywhere in a part: its length and its hash. */
export async function sameFiles({ golden, bytes }: Facts): Promise<void> {
  const visit = async (entry: Json): Promise<void> => {
    if (isList(entry)) for (const item of entry) await visit(item);
    if (!isObject(entry)) return;
    const { path, bytes: length, sha256: hash } = entry;
    if (path !== undefined && length !== undefined && hash !== undefined) {
      const file = bytes(asText(path, "path"));
      same(`the length of ${asText(path, "path")}`, file.length, length);
      same(`the hash of ${asText(path, "path")}`, await sha256(file), hash);
    }
    for (const value of Object.values(entry)) await visit(value);
  };
  await visit(golden);
}

/** The entries of an object inside a part. */
export function entriesOf(golden: JsonObject, key: string): [string, JsonObject][] {
  return Object.entries(asObject(golden[key], key)).map(([name, entry]) => [name, asObject(entry, name)]);
}
