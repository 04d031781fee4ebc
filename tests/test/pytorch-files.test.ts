// PyTorch's own files are read to what PyTorch reads, and hostile ones do no harm.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSafetensors } from "@stria/core/safetensors";
import { FormatError, type StoredTensor } from "@stria/core";
import { readPyTorch, type PyTorchValue } from "@stria/weights";
import { describe, expect, test } from "vitest";
import { asList, asObject, asText, type Json, type JsonObject, parseJson } from "../src/golden/json.ts";
import { largeGoldens } from "../src/setting.ts";

const goldens = largeGoldens();
const folder = goldens === undefined ? undefined : join(goldens, "formats");

interface Case {
  readonly file: string;
  readonly about: JsonObject;
}

function casesOf(list: string): Case[] {
  if (folder === undefined) return [];
  const json = parseJson(readFileSync(join(folder, list), "utf8"), list);
  return asList(asObject(json, list)["files"], list)
    .map((entry) => asObject(entry, list))
    .filter((about) => asText(about["kind"], list).startsWith("pytorch"))
    .map((about) => ({ file: asText(about["file"], list), about }));
}

function bytesOf(file: string): Uint8Array {
  return new Uint8Array(readFileSync(join(folder ?? "", file)));
}

/** The value as the golden's JSON writes it: dicts as objects, tensors by name, large integers as texts. */
function asJson(value: PyTorchValue, names: ReadonlyMap<unknown, string>): Json {
  const name = names.get(value);
  if (name !== undefined) return { tensor: name };
  if (typeof value === "bigint") return String(value);
  if (value instanceof Map)
    return Object.fromEntries(
      [...value].map(([key, inner]: [unknown, PyTorchValue]) => [String(key), asJson(inner, names)]),
    );
  if (Array.isArray(value)) return value.map((inner: PyTorchValue) => asJson(inner, names));
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  throw new Error("a value that the golden does not have");
}

const plain = (tensors: ReadonlyMap<string, StoredTensor>): unknown[] =>
  [...tensors].map(([name, { shape, storedAs, bytes }]) => ({ name, shape, storedAs, bytes: [...bytes] }));
const byName = (tensors: ReadonlyMap<string, StoredTensor>): Map<string, StoredTensor> =>
  new Map([...tensors].toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** How the file is refused, if it is. @throws what is no refusal */
function refusalOf(bytes: Uint8Array, file: string): string | undefined {
  try {
    readPyTorch(bytes, file);
    return undefined;
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
}

const good = casesOf("formats.json");
const hostile = casesOf("hostile.json");

describe.skipIf(folder === undefined)("golden/formats, left out where ../shared/golden is missing", () => {
  test("all PyTorch files are there", () => {
    expect([good.length, hostile.length]).toEqual([13, 82]);
  });

  test.each(good.filter(({ about }) => about["error"] === undefined))("reads $file", ({ file, about }) => {
    const read = readPyTorch(bytesOf(file), file);
    const expected = parseSafetensors(bytesOf(asText(about["expected"], file)));
    expect(plain(byName(read.tensors))).toEqual(plain(byName(expected.tensors)));
    if (about["structure"] === undefined) return;
    const names = new Map<unknown, string>([...read.tensors].map(([name, tensor]) => [tensor, name]));
    const structure = readFileSync(join(folder ?? "", asText(about["structure"], file)), "utf8");
    expect(asJson(read.value, names)).toEqual(parseJson(structure, file));
  });

  test.each(good.filter(({ about }) => about["error"] === true))("refuses $file", ({ file }) => {
    expect(() => readPyTorch(bytesOf(file), file)).toThrow(/module\.pth: .*Linear.*only state dicts are read/);
  });

  test.each(hostile)("$about.expect $file: $about.why", ({ file, about }) => {
    const refused = refusalOf(bytesOf(file), file);
    expect(refused ?? file).toContain(file);
    expect(refused !== undefined || about["expect"] === "survive").toBe(true);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});
