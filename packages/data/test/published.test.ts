// MNIST and CIFAR-10 themselves, where they are; and their readers on files made here.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AttributeError, FormatError } from "@stria/core";
import { describe, expect, it } from "vitest";
import { cifar10, cifar10Images } from "../src/cifar10.ts";
import { cifar100Images } from "../src/cifar100.ts";
import { readMnist } from "../src/idx-images.ts";
import { mnist } from "../src/mnist.ts";
import { dataFolder, hasData } from "./fixtures.ts";

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => total + byte, 0);

const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 102);
const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 9, 0);
const once = (pixel: number, mean: number, std: number): number => Math.fround((pixel / 255 - mean) / std);

describe("images in memory", () => {
  it("are normalised in float64 and rounded once", () => {
    const set = readMnist(images, labels);
    expect(set.get(0)).toEqual({ x: Float32Array.of(once(0, 0.1307, 0.3081), once(255, 0.1307, 0.3081)), y: 9 });
    expect(set.get(1)).toEqual({ x: Float32Array.of(once(51, 0.1307, 0.3081), once(102, 0.1307, 0.3081)), y: 0 });
    expect([set.mean, set.std, set.numClasses, set.classNames[9]]).toEqual([[0.1307], [0.3081], 10, "9"]);
    expect(set.fields.x).toEqual({ shape: [1, 1, 2], dtype: "float32" });
  });

  it("may be normalised otherwise, or not", () => {
    expect(readMnist(images, labels, { normalise: { mean: [0.5], std: [0.25] } }).get(0).x).toEqual(
      Float32Array.of(-2, 2),
    );
    expect(readMnist(images, labels, { normalise: false }).get(1).x).toEqual(Float32Array.of(0.2, 0.4));
    expect(readMnist(images, labels, { normalise: false }).mean).toEqual([0]);
    for (const normalise of [
      { mean: [0, 0], std: [1] },
      { mean: [0], std: [0] },
      { mean: [Number.NaN], std: [1] },
    ])
      expect(() => readMnist(images, labels, { normalise })).toThrow(AttributeError);
  });

  it("are padded by zeros after that", () => {
    const set = readMnist(images, labels, { pad: 1, normalise: { mean: [0.5], std: [0.25] } });
    expect(set.fields.x.shape).toEqual([1, 3, 4]);
    expect(set.get(0).x).toEqual(Float32Array.of(0, 0, 0, 0, 0, -2, 2, 0, 0, 0, 0, 0));
    expect(set.pixels(0)).toEqual(Uint8Array.of(0, 255));
    expect(() => readMnist(images, labels, { pad: -1 })).toThrow(/pad: -1/);
  });

  it.each([
    ["images of another rank", labels, labels, /images: \[2\] of Uint8Array are not images/],
    [
      "images without pixels",
      Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2),
      labels,
      /images: \[2, 0, 2\] of Uint8Array are not images/,
    ],
    ["labels of another rank", images, images, /labels: \[2, 1, 2\] of Uint8Array are not labels of 2 images/],
    [
      "labels of other images",
      images,
      Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 9),
      /\[1\] of Uint8Array are not labels of 2/,
    ],
    ["a label above 9", images, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 9, 10), /label 1 is 10/],
    ["a file cut short", images.subarray(0, 19), labels, /has 19 bytes/],
  ])("are refused: %s", (_, first, second, fault) => {
    expect(() => readMnist(first, second)).toThrow(FormatError);
    expect(() => readMnist(first, second)).toThrow(fault);
  });

  it("have three channels, each with its own mean and deviation", () => {
    const set = cifar10Images([
      Uint8Array.from({ length: 3073 }, (_, index) => (index === 0 ? 3 : 255)),
      new Uint8Array(3073),
    ]);
    expect([set.length, set.label(0), set.label(1), set.classNames[3]]).toEqual([2, 3, 0, "cat"]);
    const { x } = set.get(0);
    expect([x[0], x[1024], x[3071]]).toEqual([
      once(255, 0.485, 0.229),
      once(255, 0.456, 0.224),
      once(255, 0.406, 0.225),
    ]);
    expect(() => cifar10Images([new Uint8Array(3073), new Uint8Array(3)])).toThrow(/CIFAR-10 file 1: 3 bytes/);
  });
});

describe("CIFAR-100's images", () => {
  it("have fine or coarse labels, by their published names", () => {
    // apple (0) is of fruit_and_vegetables (4), worm (99) of non-insect_invertebrates (13), maple_tree (47) of trees (17).
    const file = Uint8Array.from({ length: 3 * 3074 }, (_, index) =>
      index % 3074 === 0
        ? ([4, 13, 17][index / 3074] ?? 0)
        : index % 3074 === 1
          ? ([0, 99, 47][(index - 1) / 3074] ?? 0)
          : 255,
    );
    const fine = cifar100Images(file);
    expect([0, 1, 2].map((index) => fine.classNames[fine.label(index)])).toEqual(["apple", "worm", "maple_tree"]);
    expect([fine.numClasses, new Set(fine.classNames).size]).toEqual([100, 100]);
    const coarse = cifar100Images(file, { labels: "coarse", normalise: false });
    expect([0, 1, 2].map((index) => coarse.classNames[coarse.label(index)])).toEqual([
      "fruit_and_vegetables",
      "non-insect_invertebrates",
      "trees",
    ]);
    expect([coarse.numClasses, coarse.fields.y.numClasses]).toEqual([20, 20]);
    expect(coarse.get(0).x[3071]).toBe(1);
    expect(fine.get(0).x[3071]).toBe(once(255, 0.4408, 0.2761));
    expect(() => cifar100Images(file.subarray(1), {}, "train.bin")).toThrow(/train\.bin: 9221 bytes/);
  });
});

describe.skipIf(!hasData("mnist"))("MNIST (skipped where its files are not at hand)", () => {
  it("is found, verified, and what was published", async () => {
    const { train, test } = await mnist({ dataDir: dataFolder, download: false });
    expect([train.length, test.length]).toEqual([60_000, 10_000]);
    // Facts taken from the raw files by another program.
    expect([0, 1, 9_999, 59_999].map((index) => train.label(index))).toEqual([5, 0, 7, 8]);
    expect([0, 1, 9_999, 59_999].map((index) => sum(train.pixels(index)))).toEqual([27_525, 31_095, 20_613, 20_920]);
    expect(hash(train.pixels(0))).toBe("23ceaef5eb61f0e70d64ac18fdf0f60df3d5971cf30bbadac7b6ebf07f782d2c");
    const counts = Array<number>(10).fill(0);
    for (let index = 0; index < 60_000; index++) counts[train.label(index)] = (counts[train.label(index)] ?? 0) + 1;
    expect(counts).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(train.pixels(1).subarray(14 * 28 + 7, 14 * 28 + 10)).toEqual(Uint8Array.of(198, 253, 190));
  });

  it("is 32x32 with pad: 2, zeros around", async () => {
    const { test } = await mnist({ dataDir: dataFolder, download: false, pad: 2 });
    const { x } = test.get(0);
    expect(x.length).toBe(1024);
    expect(x.subarray(0, 66).every((value) => value === 0)).toBe(true);
    expect(x[66]).toBe(once(0, 0.1307, 0.3081));
  });
});

describe.skipIf(!hasData("cifar10/data_batch_1.bin"))("CIFAR-10 (skipped where its files are not at hand)", () => {
  it("is read as published", async () => {
    const bytes = new Uint8Array(await readFile(`${dataFolder}/cifar10/data_batch_1.bin`));
    const set = cifar10Images([bytes]);
    expect(set.length).toBe(10_000);
    expect([0, 1, 999, 9_999].map((index) => [set.label(index), sum(set.pixels(index))])).toEqual([
      [6, 317_790],
      [9, 400_427],
      [5, 286_323],
      [5, 380_993],
    ]);
    expect(hash(set.pixels(0))).toBe("e052de7deb775f78e5e3b718032db5e72434ae6f0d34152c7ad434521631b17c");
    expect(set.pixels(0).subarray(16 * 32, 16 * 32 + 3)).toEqual(Uint8Array.of(149, 143, 144));
  });

  it.skipIf(hasData("cifar10/data_batch_3.bin"))(
    "names what is missing where only a part of it is (skipped where all of it is)",
    async () => {
      await expect(cifar10({ dataDir: dataFolder, download: false })).rejects.toThrow(
        /data_batch_3\.bin, data_batch_4\.bin, data_batch_5\.bin, test_batch\.bin not found/,
      );
    },
  );
});
