// What the worker makes of files, addresses and values, without a browser.
import { createHash } from "node:crypto";
import { modelInfo } from "@stria/zoo";
import { afterEach, expect, test, vi } from "vitest";
import { parseNames } from "../src/page/class-names.ts";
import { downloaded } from "../src/worker/download.ts";
import { asPictures } from "../src/worker/pictures.ts";
import { readSource } from "../src/worker/weights.ts";

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

test("keys lose the prefix of parallel training, unless it is known what they are to be", async () => {
  const bytes = safetensors({ "module.conv.weight": [1, 2], "module.fc.bias": [3] });
  const { file, rename } = await readSource(bytes, "a", undefined);
  expect([...file.tensors.keys()]).toEqual(["module.conv.weight", "module.fc.bias"]);
  expect(rename).toEqual([["^module\\.", ""]]);
  expect((await readSource(safetensors({ "module.a": [1], b: [2] }), "a", undefined)).rename).toEqual([]);
  const [known] = (await modelInfo("resnet20_cifar")).weights;
  expect((await readSource(bytes, "a", known)).rename).toBe(known?.rename);
});

test("files of other kinds are told apart", async () => {
  const begin = (...bytes: number[]): Uint8Array => Uint8Array.from([...bytes, 1, 1, 1, 1, 1, 1]);
  await expect(readSource(begin(0x1f, 0x8b), "net.gz", undefined)).rejects.toThrow(
    "net.gz is compressed by gzip, no file",
  );
  await expect(readSource(begin(0xff, 0xd8, 0xff), "a.bin", undefined)).rejects.toThrow(
    "a.bin is a JPEG image, no file",
  );
  await expect(readSource(begin(1, 2, 3), "noise.pth", undefined)).rejects.toThrow("noise.pth");
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
