// Folders of classes, images with masks, images of one size.
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useBackend, FormatError, ShapeError } from "@stria/core";
import { reference } from "@stria/core/reference";
import { augmented, compose, horizontalFlip, randomCrop } from "@stria/augmentation";
import { filesOf, FolderError, imageFolder, imageMasks, readMask, resized, withoutBroken } from "@stria/datasets";
import { encodeImage } from "@stria/images";
import { loader } from "@stria/data";
import { describe, expect, test } from "vitest";
import { files, greyPng, wavePng } from "./fixtures.ts";

const animals = async () =>
  files({
    "train/dogs/b.png": await wavePng(1),
    "train/cats/old/a.png": await wavePng(2, 8, 6),
    "train/cats/.hidden.png": "no image",
    "train/notes.txt": "not an image",
    "test/cats/c.png": await wavePng(3),
  });

describe("imageFolder", () => {
  test("classes are the folders' names in order, names are paths, images are RGB", async () => {
    const set = await imageFolder(await animals(), { within: "train" });
    expect([set.length, set.classNames, set.names, set.fields]).toEqual([
      2,
      ["cats", "dogs"],
      ["train/cats/old/a.png", "train/dogs/b.png"],
      { label: { shape: [], dtype: "int32", numClasses: 2 } },
    ]);
    const { image, label, name } = await set.get(0);
    expect([image.kind, image.shape, label, name]).toEqual(["image", [3, 8, 6], 0, "train/cats/old/a.png"]);
    expect([set.label(1), (await set.get(1)).label]).toEqual([1, 1]);
    expect(set.nameOf?.(1)).toBe("train/dogs/b.png");
    expect(() => set.label(2)).toThrow("imageFolder: there is no item 2 of 2");
  });

  test("16 bits are floats from 0 to 255", async () => {
    const wide = await encodeImage({ data: Uint16Array.of(0, 257, 65535, 100), shape: [1, 2, 2] }, { format: "png" });
    const { image } = await (await imageFolder(files({ "a/1.png": wide }), { channels: 1 })).get(0);
    expect([...image.values]).toEqual([0, 1, 255, Math.fround(100 / 257)]);
  });

  test("what is wrong is an error that names the file", async () => {
    await expect(imageFolder(files({ "a.txt": "x" }))).rejects.toThrow("set: there are no images in it");
    await expect(imageFolder(files({ "1.png": "x", "a/1.png": "x" }))).rejects.toThrow(
      "set/1.png: the image is in no class folder",
    );
    await expect(imageFolder(files({ "b/1.png": "x" }), { classes: ["a"] })).rejects.toThrow(
      "set/b/1.png: its folder is none of the classes a",
    );
    await expect(imageFolder(files({ "b/1.png": "x" }), { classes: ["a", "a"] })).rejects.toThrow(
      "a name comes twice in a, a",
    );
    const set = await imageFolder(files({ "b/1.png": "no image" }));
    await expect(set.get(0)).rejects.toThrow("set/b/1.png: it begins with the bytes 6e 6f 20 69");
    await expect((await imageFolder(await animals(), { within: "train", limit: 47 })).get(0)).rejects.toThrow(
      "set/train/cats/old/a.png: it declares 6 x 8 pixels, more than the limit of 47",
    );
  });

  test("broken files can be left out, and are counted", async () => {
    const set = await imageFolder(
      files({ "a/1.png": await wavePng(1), "a/2.png": "no image", "b/3.png": await wavePng(2) }),
    );
    const { dataset, broken } = await withoutBroken(set);
    expect([
      dataset.length,
      dataset.label?.(1),
      broken.map(({ index, error }) => [index, error instanceof FormatError]),
    ]).toEqual([2, 1, [[1, true]]]);
    await expect(withoutBroken(set, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});

describe("files", () => {
  test("a folder: what is below, through links, each folder once; what is not there", async () => {
    const folder = await mkdtemp(join(tmpdir(), "stria-datasets-"));
    try {
      await mkdir(join(folder, "a"));
      await writeFile(join(folder, "a", "1.png"), await wavePng(1));
      await symlink(folder, join(folder, "a", "again"));
      await symlink(join(folder, "a", "1.png"), join(folder, "a", "2.png"));
      const source = filesOf(folder);
      expect((await source.list()).toSorted()).toEqual(["a/1.png", "a/2.png"]);
      expect((await imageFolder(folder)).length).toBe(2);
      const streamed = source.stream?.("a/1.png");
      expect(new Uint8Array(await new Response(streamed).arrayBuffer())).toEqual(await source.read("a/1.png"));
      await expect(source.read("b.png")).rejects.toThrow(`${join(folder, "b.png")}: it is not there`);
      await expect(source.read("../x")).rejects.toThrow('it names the file "../x", which is outside of the folder');
      await expect(source.read("a")).rejects.toThrow("it cannot be read (EISDIR");
      await expect(imageFolder(join(folder, "absent"))).rejects.toThrow(FolderError);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("a list of files as a page has them, the folder that all share left out", async () => {
    const file = async (path: string): Promise<File> => {
      const made = new File([await wavePng(1)], path.slice(path.lastIndexOf("/") + 1));
      return Object.defineProperty(made, "webkitRelativePath", { value: path });
    };
    const set = await imageFolder([await file("animals/cats/1.png"), await file("animals/dogs/1.png")]);
    expect([set.names, (await set.get(1)).image.shape]).toEqual([
      ["cats/1.png", "dogs/1.png"],
      [3, 24, 32],
    ]);
    const twice = [new File([], "a.png"), new File([], "a.png")];
    expect(() => filesOf(twice)).toThrow("two of them have the same name");
    const nothing: unknown = 7;
    expect(() => filesOf(nothing as string[] & string)).toThrow("files: they are 7");
  });
});

describe("imageMasks", () => {
  const masks = { images: "x", masks: "y", channels: 1 as const };
  test("pairs by name; the values in the files are classes, or named as such", async () => {
    const source = files({
      "x/1.jpg": await encodeImage({ data: new Uint8Array(6), shape: [1, 2, 3] }, { format: "jpeg" }),
      "y/1_mask.png": await greyPng([
        [0, 255, 255],
        [0, 0, 255],
      ]),
    });
    const key = (path: string) => path.replace("_mask", "");
    const set = await imageMasks(source, { ...masks, key, values: [0, 255], classNames: ["nothing", "cell"] });
    const { image, mask, name } = await set.get(0);
    expect([image.shape, mask.shape, [...mask.values], name]).toEqual([
      [1, 2, 3],
      [2, 3],
      [0, 1, 1, 0, 0, 1],
      "x/1.jpg",
    ]);
    const raw = await (await imageMasks(source, { ...masks, key })).get(0);
    expect([...raw.mask.values]).toEqual([0, 255, 255, 0, 0, 255]);
  });

  test("what does not fit is an error that names the file", async () => {
    const [image, mask] = [await greyPng([[1, 2]]), await greyPng([[0, 9]])];
    await expect(imageMasks(files({}), masks)).rejects.toThrow("set/x: there are no images in it");
    await expect(imageMasks(files({ "x/1.png": image }), masks)).rejects.toThrow("set/x/1.png: it has no mask in y");
    await expect(imageMasks(files({ "x/1.png": image, "y/1.png": mask, "y/2.png": mask }), masks)).rejects.toThrow(
      "set/y/2.png: it is of no image in x",
    );
    await expect(imageMasks(files({ "x/1.png": image, "x/1.bmp": image }), masks)).rejects.toThrow(
      'it and x/1.bmp are both "1"',
    );
    const unknown = await imageMasks(files({ "x/1.png": image, "y/1.png": mask }), { ...masks, values: [0, 255] });
    await expect(unknown.get(0)).rejects.toThrow("set/y/1.png: the mask has the value 9, not one of 0, 255");
    const other = await imageMasks(files({ "x/1.png": image, "y/1.png": await greyPng([[0]]) }), masks);
    await expect(other.get(0)).rejects.toThrow(ShapeError);
    await expect(other.get(0)).rejects.toThrow("set/y/1.png: the mask is 1 x 1 pixels, and the image x/1.png 2 x 1");
    await expect(readMask(await wavePng(1), "m.png")).rejects.toThrow("a mask has one channel, and the image 3");
    await expect(readMask(mask, "m.png", { values: [0, 0] })).rejects.toThrow("list each whole number from 0 once");
  });

  test("indices of a palette are classes; Pillow wrote this one, 2 x 2 of the colours 0, 1, 2 and 1", async () => {
    const file = new Uint8Array(Buffer.from(palettePng, "base64"));
    expect([...(await readMask(file, "palette.png")).values]).toEqual([0, 1, 2, 1]);
  });
});

/** By Pillow, of mode P with the palette red, green, blue. */
const palettePng =
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACAgMAAAAP2OW3AAAACVBMVEX/AAAA/wAAAP8tSs2KAAAADElEQVR4nGMQYJgAAADEAKEWXLqWAAAAAElFTkSuQmCC";

describe("resized", () => {
  test("images and masks are arrays of one size, which make batches and are augmented", async () => {
    await useBackend(reference());
    const source = files({
      "x/1.png": await wavePng(1, 8, 6),
      "x/2.png": await wavePng(2, 5, 9),
      "y/1.png": await greyPng(Array.from({ length: 8 }, () => [0, 0, 0, 1, 1, 1])),
      "y/2.png": await greyPng(Array.from({ length: 5 }, () => [2, 2, 2, 2, 2, 2, 2, 2, 2])),
    });
    const set = resized(
      await imageMasks(source, { images: "x", masks: "y" }),
      { image: "image", mask: "mask" },
      { height: 4, width: 4 },
    );
    const parts = { image: "image", mask: "mask" } as const;
    const transform = compose([randomCrop(4, { padding: 1 }), horizontalFlip()]);
    for await (const { image, mask, name } of loader(set, { ...augmented(set, parts, transform), batchSize: 2 }))
      expect([image.shape, image.dtype, mask.shape, mask.dtype, name]).toEqual([
        [2, 3, 4, 4],
        "uint8",
        [2, 4, 4],
        "int32",
        ["x/1.png", "x/2.png"],
      ]);
    expect([...(await set.get(0)).mask]).toEqual([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1]);
    await expect(async () => resized(set, { name: "image" }, { height: 2, width: 2 }).get(0)).rejects.toThrow(
      "name is no image or mask",
    );
  });
});
