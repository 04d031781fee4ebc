// What the worker makes of files, addresses and values, without a browser.
import { createHash } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { parseNames } from "../src/page/class-names.ts";
import { downloaded } from "../src/worker/download.ts";
import { asPictures } from "../src/worker/pictures.ts";
import { readWeights } from "../src/worker/weights.ts";

afterEach(() => vi.unstubAllGlobals());

function safetensors(entries: Readonly<Record<string, readonly number[]>>): Uint8Array {
  const values = Object.values(entries).flat();
  let offset = 0;
  const header = Object.fromEntries(
    Object.entries(entries).map(([key, { length }]) => {
      const begin = offset;
      offset += 4 * length;
      return [key, { dtype: "F32", shape: [length], data_offsets: [begin, offset] }];
    }),
  );
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeUInt32LE(text.length);
  return new Uint8Array(Buffer.concat([length, text, Buffer.from(Float32Array.from(values).buffer)]));
}

test("keys lose the prefix of parallel training, then are renamed in turn", () => {
  const bytes = safetensors({ "module.conv.weight": [1, 2], "module.fc.bias": [3] });
  expect([...readWeights(bytes, "a").keys()]).toEqual(["conv.weight", "fc.bias"]);
  const renamed = readWeights(bytes, "a", [
    ["^fc\\.", "linear."],
    ["bias$", "shift"],
  ]);
  expect([...renamed.keys()]).toEqual(["conv.weight", "linear.shift"]);
  expect([...(renamed.get("linear.shift")?.data ?? [])]).toEqual([3]);
});

test("a prefix that not all keys have is a name", () => {
  expect([...readWeights(safetensors({ "module.a": [1], b: [2] }), "a").keys()]).toEqual(["module.a", "b"]);
});

test("files of other kinds are told apart", () => {
  const begin = (...bytes: number[]): Uint8Array => Uint8Array.from([...bytes, 0, 0, 0, 0, 0, 0]);
  expect(() => readWeights(begin(0x89, 0x48, 0x44, 0x46), "net.h5")).toThrow("net.h5 is a Keras or other HDF5 file");
  expect(() => readWeights(begin(0x1f, 0x8b), "net.gz")).toThrow("net.gz is a file compressed by gzip");
  expect(() => readWeights(begin(1, 2, 3), "noise.pth")).toThrow("noise.pth");
});

test("what is downloaded is compared with its hash, whole or its first digits, before it is used", async () => {
  const body = Uint8Array.of(1, 2, 3);
  const hash = createHash("sha256").update(body).digest("hex");
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(body)));
  const note = (): void => {};
  for (const sha256 of [hash, hash.slice(0, 8), undefined])
    expect(await downloaded("https://example.org/a/net%20one.pth", sha256, note)).toEqual({
      bytes: body,
      name: "net one.pth",
    });
  await expect(downloaded("https://example.org/net.pth", "00000000", note)).rejects.toThrow(
    `net.pth is not the file that was published: its SHA-256 begins with ${hash.slice(0, 16)}, and should with 00000000. Nothing of it was used.`,
  );
  await expect(downloaded("net.pth", undefined, note)).rejects.toThrow('"net.pth" is no address');
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("", { status: 403 })));
  await expect(downloaded("https://example.org/net.pth", undefined, note)).rejects.toThrow("answers 403");
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("blocked")));
  await expect(downloaded("https://example.org/net.pth", undefined, note)).rejects.toThrow(
    "Download the file yourself and drop it here",
  );
});

test("values become pictures: channels first, vectors in lines", () => {
  const values = Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  expect(asPictures(values, [3, 2, 2], false)).toMatchObject({ count: 3, height: 2, width: 2, values });
  const last = asPictures(values, [2, 2, 3], true);
  expect(last).toMatchObject({ count: 3, height: 2, width: 2 });
  expect([...last.values]).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
  expect(asPictures(values, [2, 6], false)).toMatchObject({ count: 2, height: 6, width: 1 });
  const vector = asPictures(values.slice(0, 10), [10], false);
  expect(vector).toMatchObject({ count: 1, height: 3, width: 4, isVector: true });
  expect(Array.from(vector.values.subarray(8))).toEqual([8, 9, Number.NaN, Number.NaN]);
});

test("names of classes are read from lines, lists and the usual JSON of ImageNet", () => {
  expect(parseNames("cat\r\ndog\n\n", "a")).toEqual(["cat", "dog"]);
  expect(parseNames('["cat", "dog"]', "a")).toEqual(["cat", "dog"]);
  expect(parseNames('{"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"]}', "a")).toEqual([
    "tench",
    "goldfish",
  ]);
  expect(() => parseNames("[1, 2]", "a")).toThrow("a is JSON, but no list of names");
  expect(() => parseNames("{", "a")).toThrow("a is no JSON that can be read");
  expect(() => parseNames("cat", "a")).toThrow("a has no list of names");
});
