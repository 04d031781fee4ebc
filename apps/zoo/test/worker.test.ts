// What the worker makes of files, addresses and values, without a browser.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modelInfo } from "@stria/zoo";
import { afterEach, expect, test, vi } from "vitest";
import { openFileSite } from "../../../tools/src/vitest/file-site.ts";
import { putFile, rangesAsked } from "../../../tools/src/vitest/site-client.ts";
import { ClassNames, parseNames } from "../src/page/class-names.ts";
import { classColour, distance, labOf } from "../src/page/class-colours.ts";
import { tenthsOf } from "../src/page/shares.ts";
import { asPictures } from "../src/worker/pictures.ts";
import { argMax, countsOf } from "../src/worker/segments.ts";
import { type Fetched, fetchWeights } from "../src/worker/weights-download.ts";
import { readSource } from "../src/worker/weights.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

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

test("what is fetched is compared with its hash, whole or its first digits, and kept; without a hash it is fetched each time", async () => {
  const cache = mkdtempSync(join(tmpdir(), "stria-zoo-app-"));
  vi.stubEnv("STRIA_CACHE", cache);
  vi.stubEnv("STRIA_DATA", "");
  const site = await openFileSite();
  try {
    const body = Uint8Array.of(1, 2, 3);
    const hash = createHash("sha256").update(body).digest("hex");
    const address = await putFile(site.address, "net%20one.pth", body);
    const received: [number, number | undefined][] = [];
    const fetched = (sha256?: string, url = address): Promise<Fetched> =>
      fetchWeights(url, sha256, (now) => received.push([now.received, now.total]));
    expect(await fetched()).toMatchObject({ name: "net one.pth", bytes: body, cache: undefined });
    expect(await fetched()).toMatchObject({ bytes: body, cache: undefined });
    expect(await fetched(hash.slice(0, 8))).toMatchObject({ name: "net one.pth", bytes: body, cache: "kept" });
    expect(await fetched(hash.toUpperCase())).toMatchObject({ bytes: body, cache: "found" });
    expect(await rangesAsked(address)).toEqual(["", "", ""]);
    expect(received).toEqual([
      [3, 3],
      [3, 3],
      [3, 3],
    ]);
    await expect(fetched("00000000")).rejects.toThrow(
      `the SHA-256 is ${hash} instead of 00000000. Nothing of it was used. Check the address; or download the file yourself and drop it here.`,
    );
    await expect(fetched("nonsense")).rejects.toThrow('"nonsense" is no SHA-256');
    await expect(fetched(undefined, "net.pth")).rejects.toThrow('"net.pth" is no address');
    const nowhere = `${site.address}/file-site/gone.pth`;
    for (const sha256 of [undefined, hash])
      await expect(fetched(sha256, nowhere)).rejects.toThrow(`${nowhere}: the server answered 404`);
  } finally {
    await site.close();
    rmSync(cache, { recursive: true });
  }
});

test("files of GitHub are asked for where pages may read them", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (address: string) => {
    asked.push(address);
    return Promise.reject(new TypeError("blocked"));
  });
  for (const way of ["raw", "blob"])
    await expect(fetchWeights(`https://github.com/a/b/${way}/main/net.pth`, undefined, () => {})).rejects.toThrow(
      "no connection (blocked). Nothing of it was used.",
    );
  expect(new Set(asked)).toEqual(new Set(["https://raw.githubusercontent.com/a/b/main/net.pth"]));
});

test("a pixel's class is the one with the largest score, the first of equals; classes are counted", () => {
  // Three classes, two rows of two pixels.
  const labels = argMax([0, 5, 1, 1, 2, 5, 0, 1, 1, 4, -1, 1.5], 3, 4);
  expect([...labels]).toEqual([1, 0, 0, 2]);
  expect(countsOf(labels)).toEqual([
    { index: 0, pixels: 2 },
    { index: 1, pixels: 1 },
    { index: 2, pixels: 1 },
  ]);
  expect([...argMax([Number.NaN, Number.NaN], 2, 1)]).toEqual([0]);
});

test("colours of classes are told apart, and shares add up to the whole", () => {
  const colours = Array.from({ length: 64 }, (_, index) => labOf(classColour(index)));
  const nearest = (many: typeof colours): number =>
    Math.min(...many.flatMap((one, index) => many.slice(0, index).map((other) => distance(one, other))));
  // Of white and black the distance is 1, of two colours that can just be told apart about 0.02.
  expect(nearest(colours.slice(0, 21))).toBeGreaterThan(0.12);
  expect(nearest(colours)).toBeGreaterThan(0.06);
  expect(classColour(64)).toEqual(classColour(0));
  expect(tenthsOf([1, 1, 1])).toEqual([334, 333, 333]);
  expect(tenthsOf([9999, 1])).toEqual([1000, 0]);
  expect(tenthsOf([7])).toEqual([1000]);
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

test("networks for segmentation of 21 classes name those of Pascal VOC, others their numbers", () => {
  const names = new ClassNames();
  names.open(21, 3, "segmentation");
  expect([0, 1, 15, 20].map((index) => names.of(index))).toEqual(["background", "aeroplane", "person", "TV monitor"]);
  names.open(10, 3, "segmentation");
  expect(names.of(3)).toBe("class 3");
  names.open(10, 3, "classification");
  expect(names.of(3)).toBe("cat");
});
