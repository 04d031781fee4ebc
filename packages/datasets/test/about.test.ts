// Descriptions and contact sheets; the perceptual hash finds other sizes and codecs of a picture.
import { AttributeError } from "@stria/core";
import { decodeImage, encodeImage } from "@stria/images";
import { digits, listDataset } from "@stria/data";
import {
  contactSheet,
  describe as described,
  imageFolder,
  imageMasks,
  shardedImages,
  textFolder,
  vocDataset,
} from "@stria/datasets";
import { describe, expect, test } from "vitest";
import { files, greyPng, tarOf, wavePng } from "./fixtures.ts";

const flat = (values: readonly number[], height: number, width: number) =>
  encodeImage(
    {
      data: Uint8Array.from(values.flatMap((value) => Array.from({ length: height * width }, () => value))),
      shape: [3, height, width],
    },
    { format: "png" },
  );

describe("what is in a dataset", () => {
  test("counts, sizes, channels, broken files, and a text of them", async () => {
    const set = await imageFolder(
      files({
        "a/1.png": await flat([0, 51, 255], 2, 4),
        "a/2.png": await flat([255, 51, 255], 4, 6),
        "b/3.png": "no image",
      }),
    );
    const about = await described(set);
    const part = about.parts["all"];
    expect(part).toMatchObject({
      items: 3,
      classes: [
        { name: "a", count: 2 },
        { name: "b", count: 0 },
      ],
      width: { least: 4, mean: 5, most: 6 },
      height: { least: 2, mean: 3, most: 4 },
      boxes: undefined,
      maskShares: [],
      broken: [{ index: 2, reason: expect.stringContaining("set/b/3.png: it begins with") as string }],
    });
    // 8 pixels of 0 and 24 of 1: the mean is 3/4, the variance 3/16.
    expect([part?.mean, part?.std]).toEqual([
      [0.75, 0.2, 1],
      [expect.closeTo(Math.sqrt(3 / 16), 9) as number, expect.closeTo(0, 6) as number, expect.closeTo(0, 6) as number],
    ]);
    expect(String(about)).toBe(
      [
        "all: 3 items",
        "  2 classes:",
        "    a: 2 (100.0 %)",
        "    b: 0 (0.0 %)",
        "  width: 4 to 6, 5 on average",
        "  height: 2 to 4, 3 on average",
        "  channels: mean 0.75 0.2 1, deviation 0.433 0 0",
        "  1 cannot be read:",
        `    2: ${part?.broken[0]?.reason ?? ""}`,
      ].join("\n"),
    );
  });

  test("duplicates and leaks: another size and another codec of the same picture, and no others", async () => {
    const wave = async (number: number, height?: number, width?: number) => wavePng(number, height, width);
    const jpeg = await encodeImage(await decodeImage(await wave(3, 60, 80)), { format: "jpeg", quality: 60 });
    const train = files(
      Object.fromEntries(
        await Promise.all(
          Array.from({ length: 12 }, async (_, index) => [`a/${index}.png`, await wave(index, 60, 80)] as const),
        ),
      ),
    );
    const test1 = files({
      "a/3.jpg": jpeg,
      "a/20.png": await wave(20, 60, 80),
      "a/5.png": await wave(5, 45, 60),
      "a/again.png": await wave(20, 30, 40),
    });
    const about = await described({ train: await imageFolder(train), test: await imageFolder(test1) });
    const names = (groups: typeof about.leaks) =>
      groups.map((group) => group.map(({ part, name }) => `${part} ${name}`));
    expect(names(about.leaks)).toEqual([
      ["train a/3.png", "test a/3.jpg"],
      ["train a/5.png", "test a/5.png"],
    ]);
    expect(names(about.duplicates)).toEqual([["test a/20.png", "test a/again.png"]]);
    expect(String(about)).toContain("images that are in more than one part: 2\n  train: a/3.png = test: a/3.jpg");
    expect((await described(await imageFolder(train), { duplicates: false })).leaks).toEqual([]);
  });

  test("drawn digits are told apart, and a repeated one is found", async () => {
    const { train } = digits({ train: 200 });
    const about = await described({
      train,
      test: listDataset([{ image: { kind: "image", values: train.pixels(7), shape: [1, 28, 28] } }]),
    });
    expect(about.leaks.map((group) => group.map(({ name }) => name))).toEqual([["item 7", "item 0"]]);
    expect(about.duplicates).toEqual([]);
    expect(about.parts["train"]?.classes.reduce((sum, { count }) => sum + count, 0)).toBe(200);
  });

  test("boxes, masks and texts", async () => {
    const box =
      "<object><name>a</name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>4</xmax><ymax>9</ymax></bndbox></object>";
    const voc = files({ "Annotations/1.xml": `<annotation>${box}</annotation>`, "JPEGImages/1.png": await wavePng(1) });
    expect((await described(await vocDataset(voc))).parts["all"]).toMatchObject({
      classes: [{ name: "a", count: 1 }],
      boxes: { least: 1, mean: 1, most: 1 },
      boxSide: { least: 6, mean: 6, most: 6 },
    });
    const masked = await imageMasks(
      files({ "x/1.png": await wavePng(1, 1, 4), "y/1.png": await greyPng([[0, 0, 0, 2]]) }),
      { images: "x", masks: "y" },
    );
    expect((await described(masked)).parts["all"]?.maskShares).toEqual([0.75, 0, 0.25]);
    const texts = await textFolder(files({ "a/1.txt": "hello", "b/1.txt": "you" }));
    expect((await described(texts)).parts["all"]).toMatchObject({
      textLength: { least: 3, mean: 4, most: 5 },
      width: undefined,
    });
  });

  test("a stream, whose end is its first error", async () => {
    const shard = tarOf([
      ["1.png", await wavePng(1)],
      ["1.cls", "1"],
      ["2.png", await wavePng(1)],
      ["2.cls", "0"],
      ["3.cls", "0"],
    ]);
    const about = await described(shardedImages(files({ "a.tar": shard }), { classNames: ["cat", "dog"] }));
    expect(about.parts["all"]).toMatchObject({
      items: 3,
      classes: [
        { name: "0", count: 1 },
        { name: "1", count: 1 },
      ],
      broken: [{ index: 2, reason: expect.stringContaining("set/a.tar/3: it has no image") as string }],
    });
    expect(about.duplicates.map((group) => group.map(({ name }) => name))).toEqual([["set/a.tar/1", "set/a.tar/2"]]);
  });

  test("can be stopped, is told how far it is, and refuses what is no dataset", async () => {
    const set = listDataset([{ text: "a" }, { text: "b" }]);
    const seen: unknown[] = [];
    await described({ a: set }, { onProgress: (progress) => void seen.push(progress) });
    expect(seen).toEqual([
      { part: "a", done: 1, of: 2 },
      { part: "a", done: 2, of: 2 },
    ]);
    await expect(described(set, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
    const wrong: unknown = { train: [1, 2] };
    await expect(described(wrong as typeof set)).rejects.toThrow(AttributeError);
  });
});

describe("contactSheet", () => {
  test("pictures, boxes, masks, frames and crosses where they belong", async () => {
    const grey = [80, 80, 80];
    const pixel = (data: Uint8Array | Uint16Array, width: number, height: number, x: number, y: number) =>
      [0, 1, 2].map((channel) => data[channel * width * height + y * width + x]);
    const set = await imageFolder(
      files({ "a/1.png": await flat(grey, 10, 10), "b/2.png": await flat(grey, 5, 10), "b/3.png": "x" }),
    );
    const { data, shape } = await decodeImage(await contactSheet(set, { columns: 2, size: 20 }));
    expect(shape).toEqual([3, 58, 58]);
    const at = (x: number, y: number) => pixel(data, 58, 58, x, y);
    expect([at(0, 0), at(4, 4), at(6, 6), at(25, 25)]).toEqual([[250, 250, 250], [230, 159, 0], grey, grey]);
    expect([at(31, 5), at(32, 6), at(32, 16)]).toEqual([[86, 180, 233], [250, 250, 250], grey]); // the second is twice as wide as high
    expect([at(6, 32), at(7, 32)]).toEqual([
      [200, 30, 30],
      [250, 250, 250],
    ]);

    const box =
      "<object><name>a</name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>5</xmax><ymax>10</ymax></bndbox></object>";
    const voc = await vocDataset(
      files({ "Annotations/1.xml": `<annotation>${box}</annotation>`, "JPEGImages/1.png": await flat(grey, 10, 10) }),
    );
    const boxed = await decodeImage(await contactSheet(voc, { size: 20 }));
    const ofBox = (x: number, y: number) => pixel(boxed.data, 32, 32, x, y);
    expect([ofBox(6, 6), ofBox(15, 15), ofBox(16, 15), ofBox(7, 15)]).toEqual([
      [230, 159, 0],
      [230, 159, 0],
      grey,
      grey,
    ]);

    const masked = await imageMasks(
      files({
        "x/1.png": await flat(grey, 2, 2),
        "y/1.png": await greyPng([
          [0, 1],
          [0, 0],
        ]),
      }),
      { images: "x", masks: "y" },
    );
    const sheet = await decodeImage(await contactSheet(masked, { size: 2 }));
    expect([6, 7].map((x) => pixel(sheet.data, 14, 14, x, 6))).toEqual([
      grey,
      grey.map((value, channel) => Math.round(0.55 * value + 0.45 * ([230, 159, 0][channel] ?? 0))),
    ]);
  });

  test("normalised images are stretched; what has no images, or no items, is refused", async () => {
    const { train } = digits({ train: 30 });
    const { shape } = await decodeImage(await contactSheet(train, { indices: [1, 2, 3] }));
    expect(shape).toEqual([3, 108, 312]);
    await expect(contactSheet(listDataset([{ text: "a" }]))).rejects.toThrow("contactSheet: the items have no images");
    await expect(contactSheet(listDataset([]))).rejects.toThrow("there are no items");
    await expect(contactSheet(train, { size: 0.5 })).rejects.toThrow("size is 0.5");
  });
});
