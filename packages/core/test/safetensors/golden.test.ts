// Files of the reference implementation, and files meant to do harm. They are not part of the repository; without them this is left out.
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/errors.ts";
import {
  decodeSafetensors,
  decodeStored,
  encodeSafetensors,
  parseSafetensors,
} from "../../src/safetensors/safetensors.ts";

const folder = new URL("../../../../../shared/golden/formats/", import.meta.url);
const present = existsSync(folder);
const absent = present ? "" : " (skipped: ../shared/golden is not there)";

interface Expected {
  readonly shape: number[];
  readonly values: (number | string)[];
}
interface Hostile {
  readonly files: { readonly file: string; readonly kind: string; readonly expect: string; readonly why: string }[];
}

function read(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, folder)));
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, folder), "utf8"));
}

describe.skipIf(!present)(`files of the reference implementation${absent}`, () => {
  it("every element type has the values expected; int64 beyond int32 is refused", () => {
    const expected = readJson("all-dtypes.expected.json") as Record<string, Expected>;
    const { tensors, metadata } = parseSafetensors(read("all-dtypes.safetensors"));
    expect([...metadata]).toEqual([["note", "ünïcode"]]);
    expect([...tensors.keys()].toSorted()).toEqual(Object.keys(expected).toSorted());
    const { i64, ...readable } = Object.fromEntries(tensors);
    expect(() => i64 && decodeStored(i64)).toThrow(FormatError);
    for (const [name, stored] of Object.entries(readable)) {
      const { shape = [], values = [] } = expected[name] ?? {};
      const { data, shape: found } = decodeStored(stored);
      const numbers = values.map((value) => Math.fround(Number(String(value).replace("inf", "Infinity"))));
      expect([name, found, [...data]]).toEqual([name, shape, numbers]);
    }
  });

  it("data at an odd byte", () => {
    const { tensors } = decodeSafetensors(read("unaligned.safetensors"));
    expect(tensors.get("a")?.data).toEqual(new Float32Array([0, 1, 2, 3, 4, 5]));
    expect(tensors.get("b")).toEqual({
      shape: [2],
      dtype: "float32",
      data: new Float32Array([0.5, -2]),
      storedAs: "F64",
    });
  });

  it("a model's weights go there and back", () => {
    const { tensors, metadata } = decodeSafetensors(read("parameters.expected.safetensors"));
    expect(tensors.size).toBeGreaterThan(0);
    expect(decodeSafetensors(encodeSafetensors(tensors, metadata))).toEqual({ tensors, metadata });
  });
});

describe.skipIf(!present)(`files meant to do harm${absent}`, () => {
  const { files } = present ? (readJson("hostile.json") as Hostile) : { files: [] };
  const outcome = (file: string): unknown => {
    try {
      return decodeSafetensors(read(file), file);
    } catch (error) {
      return error;
    }
  };
  const prototype = (): string => Object.getOwnPropertyNames(Object.prototype).join();

  it.each(files.filter(({ kind }) => kind === "safetensors"))("$file: $why", ({ file, expect: verdict }) => {
    const before = prototype();
    const result = outcome(file);
    const refused = result instanceof FormatError && result.message.startsWith(`${file}: `);
    expect(refused || (verdict === "survive" && !(result instanceof Error))).toBe(true);
    expect(prototype()).toBe(before);
  });
});
