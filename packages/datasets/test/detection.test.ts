// VOC's and COCO's annotations; run lengths are those of pycocotools 2.0.11.
import { FormatError, ShapeError } from "@stria/core";
import { apply, horizontalFlip } from "@stria/augmentation";
import {
  bccd,
  type CocoFile,
  cocoDataset,
  drawSegmentation,
  FolderError,
  isbi2012,
  readCoco,
  readVoc,
  vocDataset,
} from "@stria/datasets";
import { describe, expect, test } from "vitest";
import { files, greyPng, wavePng } from "./fixtures.ts";

const object = (name: string, box: readonly (number | string)[], more = "") => {
  const [left, top, right, bottom] = box;
  const bounds = `<bndbox><xmin>${left}</xmin><ymin>${top}</ymin><xmax>${right}</xmax><ymax>${bottom}</ymax></bndbox>`;
  return `<object><name>${name}</name>${more}<part><name>inner</name></part>${bounds}</object>`;
};
const annotation = (objects: string, size = "<size><width>32</width><height>24</height><depth>3</depth></size>") =>
  `<?xml version="1.0"?>\n<annotation>\n<filename>1.png</filename>${size}${objects}</annotation>`;

describe("readVoc", () => {
  test("boxes, marks, and entities; names of parts are not names of objects", () => {
    const text = annotation(
      object("cat &amp; dog", [1, 2.5, 32, 24], "<difficult>1</difficult><truncated>0</truncated>"),
    );
    expect(readVoc(text, "1.xml")).toEqual({
      file: "1.png",
      size: { height: 24, width: 32 },
      objects: [{ name: "cat & dog", box: [1, 2.5, 32, 24], difficult: true, truncated: false }],
    });
    expect(readVoc(annotation("", "<size><width>0</width><height>0</height></size>"), "1.xml").size).toBeUndefined();
    expect(readVoc("<annotation></annotation>", "1.xml")).toEqual({ file: "", size: undefined, objects: [] });
  });

  const bomb = `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><annotation><filename>&b;</filename></annotation>`;
  test.each([
    ["nothing", "", "it is no XML that can be read"],
    ["text", "hello", "it is no XML that can be read"],
    ["a file that is cut", annotation("").slice(0, 60), "it is no XML that can be read"],
    ["entities that stand for others", bomb, "undefined entity"],
    ["elements inside of elements without end", "<a>".repeat(10_000), "nested more than 32 deep"],
    ["another document", "<html></html>", "it has no element annotation"],
    ["an object without a name", annotation(object("", [1, 1, 2, 2])), "object 0 has no name"],
    ["an object without a box", annotation("<object><name>a</name></object>"), "object 0 (a) has no bndbox"],
    ["a side that is no number", annotation(object("a", [1, "x", 2, 2])), 'object 0 (a) has ymin "x"'],
    ["an inverted box", annotation(object("a", [9, 1, 2, 2])), "object 0 (a) has the box [9, 1, 2, 2]"],
  ])("%s is refused", (_, text, fault) => {
    expect(() => readVoc(text, "dir/1.xml")).toThrow(FormatError);
    expect(() => readVoc(text, "dir/1.xml")).toThrow("dir/1.xml: ");
    expect(() => readVoc(text, "dir/1.xml")).toThrow(fault);
  });
});

const voc = async (objects: string, more: Record<string, string> = {}) =>
  files({
    "VOC/Annotations/1.xml": annotation(objects),
    "VOC/Annotations/2.xml": annotation(object("bird", [0, 0, 4, 4]), ""),
    "VOC/JPEGImages/1.png": await wavePng(1),
    "VOC/JPEGImages/2.png": await wavePng(2, 10, 12),
    "VOC/ImageSets/Main/train.txt": "1\n",
    "VOC/ImageSets/Main/cat_val.txt": "2  1\r\n",
    ...more,
  });

describe("vocDataset", () => {
  test("splits, classes of all splits in order, boxes without an area left out", async () => {
    const source = await voc(
      object("cat", [1, 2, 30, 20]) +
        object("bird", [5, 5, 5, 9]) +
        object("cat", [0, 0, 3, 3], "<difficult>1</difficult>"),
    );
    const set = await vocDataset(source, { split: "train" });
    expect([set.length, set.classNames, set.names, set.boxCounts, set.withoutArea]).toEqual([
      1,
      ["bird", "cat"],
      ["VOC/JPEGImages/1.png"],
      [0, 2],
      1,
    ]);
    const { image, boxes } = await set.get(0);
    expect([image.shape, [...boxes.values], [...boxes.labels]]).toEqual([
      [3, 24, 32],
      [1, 2, 30, 20, 0, 0, 3, 3],
      [1, 1],
    ]);
    const flipped = apply(horizontalFlip(), { image, boxes }, { flip: true });
    expect([...flipped.boxes.values]).toEqual([2, 2, 31, 20, 29, 0, 32, 3]);
    const easy = await vocDataset(source, { split: "train", classes: ["cat", "bird"], difficult: false });
    expect([...(await easy.get(0)).boxes.labels]).toEqual([0]);
    expect((await vocDataset(source, { split: "cat_val" })).names).toEqual(["VOC/JPEGImages/2.png"]);
    expect((await vocDataset(source)).length).toBe(2);
  });

  test("a box beyond the image is an error, or is clipped; a pixel of rounding is clipped in silence", async () => {
    const source = await voc(object("cat", [1, 2, 33, 24]) + object("cat", [-3, 2, 30, 20]));
    await expect((await vocDataset(source)).get(0)).rejects.toThrow(
      "set/VOC/Annotations/1.xml: box 1, [-3, 2, 30, 20], reaches beyond the image of 32 x 24 pixels",
    );
    const { boxes } = await (await vocDataset(source, { outside: "clip" })).get(0);
    expect([...boxes.values]).toEqual([1, 2, 32, 24, 0, 2, 30, 20]);
  });

  test("what is missing or leads outside is an error that names the file", async () => {
    await expect(vocDataset(files({ "a.png": "x" }))).rejects.toThrow("set: there is no folder Annotations in it");
    const train = "VOC/ImageSets/Main/train.txt";
    await expect(vocDataset(await voc("", { [train]: "7\n" }), { split: "train" })).rejects.toThrow(
      "image 7 has no annotation Annotations/7.xml",
    );
    await expect(vocDataset(await voc("", { [train]: "../7\n" }), { split: "train" })).rejects.toThrow(
      'it names the file "../7", which is outside',
    );
    await expect(vocDataset(await voc("", { [train]: "\n" }), { split: "train" })).rejects.toThrow(
      "train.txt: it is empty",
    );
    await expect(vocDataset(await voc("", { "VOC/Annotations/3.xml": annotation("") }))).resolves.toHaveProperty(
      "length",
      3,
    );
    const escaping = annotation("").replace("1.png", "../../etc/passwd");
    await expect(vocDataset(await voc("", { "VOC/Annotations/3.xml": escaping }))).rejects.toThrow(
      '3.xml: it names the file "../../etc/passwd"',
    );
    await expect(vocDataset(await voc(object("cow", [1, 1, 2, 2])), { classes: ["cat"] })).rejects.toThrow(
      '1.xml: the class "cow" is none of cat',
    );
    const small = await vocDataset(await voc("", { "VOC/Annotations/2.xml": annotation("") }));
    await expect(small.get(1)).rejects.toThrow(ShapeError);
    await expect(small.get(1)).rejects.toThrow(
      "set/VOC/JPEGImages/2.png: the image is 12 x 10 pixels, and declared as 32 x 24",
    );
  });
});

const coco = {
  images: [
    { id: 7, file_name: "1.png", width: 11, height: 9 },
    { id: 3, file_name: "2.png", width: 4, height: 3 },
  ],
  categories: [
    { id: 90, name: "brush" },
    { id: 1, name: "person" },
  ],
  annotations: [
    { id: 1, image_id: 7, category_id: 90, bbox: [1, 2, 3, 4.5], iscrowd: 0, segmentation: [[1, 2, 4, 2, 4, 6, 1, 6]] },
    {
      id: 2,
      image_id: 7,
      category_id: 1,
      bbox: [0, 0, 2, 2],
      iscrowd: 1,
      segmentation: { size: [9, 11], counts: [0, 1, 98] },
    },
    { id: 3, image_id: 7, category_id: 1, bbox: [5, 5, 0, 2] },
  ],
};
const cocoFiles = async (file: object | string) =>
  files({
    "annotations/a.json": typeof file === "string" ? file : JSON.stringify(file),
    "images/1.png": await wavePng(1, 9, 11),
    "images/2.png": await greyPng([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]),
  });
const options = { annotations: "annotations/a.json" };

describe("cocoDataset", () => {
  test("classes in the order of their ids, boxes by their corners, crowds left out, masks on request", async () => {
    const source = await cocoFiles(coco);
    const set = await cocoDataset(source, options);
    expect([set.length, set.classNames, set.names, set.boxCounts, set.withoutArea]).toEqual([
      2,
      ["person", "brush"],
      ["images/1.png", "images/2.png"],
      [0, 1],
      1,
    ]);
    const { boxes } = await set.get(0);
    expect([[...boxes.values], [...boxes.labels]]).toEqual([[1, 2, 4, 6.5], [1]]);
    expect((await set.get(1)).boxes.values).toHaveLength(0);
    const masked = await cocoDataset(source, { ...options, images: "images/", crowds: true, masks: true });
    const { mask, boxes: all } = await masked.get(0);
    expect([mask.shape, [...all.labels]]).toEqual([
      [9, 11],
      [1, 0],
    ]);
    const counts = [0, 0, 0];
    for (const value of mask.values) counts[value] = (counts[value] ?? 0) + 1;
    expect([counts, mask.values[0], mask.values[2 * 11 + 1]]).toEqual([[99 - 13, 1, 12], 1, 2]);
  });

  const changed = (path: (file: { images: object[]; annotations: object[]; categories: object[] }) => void): string => {
    const copy = structuredClone(coco);
    path(copy);
    return JSON.stringify(copy);
  };
  test.each([
    ["no JSON", "{", "it is no JSON"],
    ["no lists", "{}", "it has no list images"],
    ["a list of other things", '{"images": [1]}', "images[0] is no object"],
    [
      "an image without a size",
      changed((file) => void (file.images[0] = { id: 1, file_name: "1.png" })),
      "images[0] has no number width",
    ],
    [
      "an image outside of the folder",
      changed((file) => void Object.assign(file.images[0] ?? {}, { file_name: "/etc/passwd" })),
      'it names the file "/etc/passwd"',
    ],
    [
      "an image that is not there",
      changed((file) => void Object.assign(file.images[0] ?? {}, { file_name: "9.png" })),
      "image 9.png is not there",
    ],
    [
      "two images with one id",
      changed((file) => void Object.assign(file.images[0] ?? {}, { id: 3 })),
      "two images have the same id",
    ],
    [
      "a box of three numbers",
      changed((file) => void Object.assign(file.annotations[0] ?? {}, { bbox: [1, 2, 3] })),
      "annotations[0] has no bbox",
    ],
    [
      "an inverted box",
      changed((file) => void Object.assign(file.annotations[0] ?? {}, { bbox: [5, 5, -2, 1] })),
      "annotations[0] (id 1) has the box [5, 5, 3, 6]",
    ],
    [
      "an annotation of nothing",
      changed((file) => void Object.assign(file.annotations[0] ?? {}, { image_id: 5 })),
      "annotation 1 is of image 5 and category 90",
    ],
    [
      "a strange outline",
      changed((file) => void Object.assign(file.annotations[0] ?? {}, { segmentation: { counts: 7 } })),
      "annotations[0] has a segmentation that is neither",
    ],
  ])("%s is refused", async (_, file, fault) => {
    const refusal = cocoDataset(await cocoFiles(file), options);
    await expect(refusal).rejects.toThrow(FormatError);
    await expect(refusal).rejects.toThrow("set/annotations/a.json: ");
    await expect(refusal).rejects.toThrow(fault);
  });

  test("no key of the file reaches a prototype", () => {
    const file: CocoFile = readCoco(
      '{"__proto__": {"x": 1}, "images": [], "annotations": [], "categories": []}',
      "a.json",
    );
    expect([file, Reflect.get({}, "x")]).toEqual([{ images: [], annotations: [], categories: [] }, undefined]);
  });
});

describe("drawSegmentation", () => {
  const empty = (height: number, width: number) => ({
    kind: "mask" as const,
    values: new Uint8Array(height * width),
    shape: [height, width] as const,
  });
  const rows = [
    "01010010001",
    "00100000010",
    "01110001001",
    "11100001100",
    "10010111010",
    "01110001110",
    "01110010001",
    "11110101010",
    "00100000010",
  ];
  test("runs as text", () => {
    const mask = empty(9, 11);
    drawSegmentation(mask, { size: [9, 11], counts: "322OO0010110O20L03=MD0O020N033MM30M030N1O10N20O" }, 1, "a.json");
    expect(rows.join("")).toBe([...mask.values].join(""));
  });

  test("runs that do not fit, or are damaged", () => {
    const mask = empty(2, 2);
    expect(() => drawSegmentation(mask, { size: [2, 3], counts: [6] }, 1, "a.json")).toThrow(
      "a.json: a run-length mask is 3 x 2 pixels, and its image 2 x 2",
    );
    expect(() => drawSegmentation(mask, { size: [2, 2], counts: [1, 9] }, 1, "a.json")).toThrow(
      "is of 10 pixels, and its image of 4",
    );
    expect(() => drawSegmentation(mask, { size: [2, 2], counts: [5, -1] }, 1, "a.json")).toThrow("is of 4 pixels");
    expect(() => drawSegmentation(mask, { size: [2, 2], counts: "P" }, 1, "a.json")).toThrow(
      "a run-length mask is damaged",
    );
    expect(() => drawSegmentation(mask, { size: [2, 2], counts: "é" }, 1, "a.json")).toThrow(
      "a run-length mask is damaged",
    );
  });

  test("a polygon takes the pixels whose centres are in it: a triangle, its area, and what reaches beyond", () => {
    const mask = empty(100, 100);
    drawSegmentation(mask, [[10, 10, 90, 10, 10, 90]], 3, "a.json");
    const area = mask.values.filter((value) => value === 3).length;
    expect(Math.abs(area - 3200)).toBeLessThanOrEqual(40); // half of its longest side: the border's pixels
    const beyond = empty(4, 4);
    drawSegmentation(beyond, [[-5, -5, 50, -5, 50, 50, -5, 50]], 1, "a.json");
    expect(beyond.values.every((value) => value === 1)).toBe(true);
  });
});

test("sets that are not there say where to get them", async () => {
  await expect(bccd({ from: files({ "a.txt": "x" }) })).rejects.toThrow(FolderError);
  await expect(bccd({ from: files({ "a.txt": "x" }) })).rejects.toThrow("bccd: it is not in set");
  await expect(isbi2012({ from: "/nowhere" })).rejects.toThrow("get it from https://github.com/zhixuhao/unet");
});
