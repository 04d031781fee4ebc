// In Chromium: a folder that the user chose (here the private file system's), a list of files, archives as streams.
import { describe, expect, test } from "vitest";
import { describe as described, filesOf, imageFolder, shardedImages, vocDataset } from "@stria/datasets";
import { collected, greyPng, tarOf, wavePng } from "./fixtures.ts";

async function write(
  folder: FileSystemDirectoryHandle,
  path: string,
  content: Uint8Array<ArrayBuffer> | string,
): Promise<void> {
  const [name = "", ...rest] = path.split("/");
  if (rest.length > 0) return write(await folder.getDirectoryHandle(name, { create: true }), rest.join("/"), content);
  const stream = await (await folder.getFileHandle(name, { create: true })).createWritable();
  await stream.write(content);
  await stream.close();
}

describe("in a page", () => {
  test("a folder's handle: classes, boxes, shards, what is missing", async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle("stria-datasets", { create: true });
    try {
      await write(folder, "cats/1.png", await wavePng(1));
      await write(folder, "dogs/2.png", await wavePng(2, 9, 7));
      await write(folder, "dogs/3.png", "no image");
      const set = await imageFolder(folder, { only: (path) => /^(cats|dogs)/.test(path) });
      expect([set.classNames, set.names, (await set.get(1)).image.shape]).toEqual([
        ["cats", "dogs"],
        ["cats/1.png", "dogs/2.png", "dogs/3.png"],
        [3, 9, 7],
      ]);
      const about = await described(set);
      expect(about.parts["all"]?.broken.map(({ reason }) => reason.slice(0, 26))).toEqual([
        "stria-datasets/dogs/3.png:",
      ]);
      const box =
        "<object><name>a</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object>";
      await write(folder, "voc/Annotations/1.xml", `<annotation>${box}</annotation>`);
      await write(
        folder,
        "voc/JPEGImages/1.png",
        await greyPng([
          [1, 2, 3, 4],
          [1, 2, 3, 4],
          [1, 2, 3, 4],
          [1, 2, 3, 4],
        ]),
      );
      expect([...(await (await vocDataset(folder)).get(0)).boxes.values]).toEqual([1, 2, 3, 4]);
      await write(
        folder,
        "shards/1.tar",
        tarOf([
          ["1.png", await wavePng(1)],
          ["1.cls", "4"],
        ]),
      );
      expect((await collected(shardedImages(folder))).map(({ label }) => label)).toEqual([4]);
      await expect(filesOf(folder).read("absent.png")).rejects.toThrow("stria-datasets/absent.png: it is not there");
    } finally {
      await root.removeEntry("stria-datasets", { recursive: true });
    }
  });

  test("a folder that may not be read is an error with its name", async () => {
    const denied = {
      kind: "directory",
      name: "private",
      async *entries() {
        yield* [];
        throw new DOMException("the user has not allowed it", "NotAllowedError");
      },
    };
    const folder: unknown = denied;
    await expect(imageFolder(folder as FileSystemDirectoryHandle)).rejects.toThrow(
      "private/: it cannot be read (the user has not allowed it)",
    );
  });

  test("chosen files; a path is refused, since a page has no folders", async () => {
    const set = await imageFolder([new File([await wavePng(1)], "cats.png")], { within: "" }).catch((error: unknown) =>
      String(error),
    );
    expect(set).toContain("files/cats.png: the image is in no class folder");
    expect(() => filesOf("animals")).toThrow("animals: a page has no folders by path");
  });
});
