// What is known of the images: MNIST, CIFAR-10, 8 x 8 digits, EM slices, blood cells, a photograph.
import { cifar10Images, gunzip, type ImageDataset, readMnist } from "@stria/data";
import { bccd, describe, isbi2012, readCsv, tableDataset } from "@stria/datasets";
import { decodeImage } from "@stria/images";
import { type JsonObject, asList, asNumber, asNumbers, asObject, asText } from "../json.ts";
import { type Check, type Facts, countsOf, entriesOf, hashOf, near, same, sameImage } from "./facts.ts";

function sameRecords(dataset: ImageDataset, golden: JsonObject, key: string): void {
  const labels = Array.from({ length: dataset.length }, (_, index) => dataset.label(index));
  same("the counts of the labels", countsOf(labels, 10), golden["labelCounts"]);
  for (const [number, record] of entriesOf(golden, key)) {
    const index = Number(number);
    same(`the label of ${index}`, dataset.label(index), record["label"]);
    sameImage(`image ${index}`, dataset.pixels(index), record);
  }
}

async function sameColours(dataset: ImageDataset, means: readonly number[], stds: readonly number[]): Promise<void> {
  const { parts } = await describe(dataset, { duplicates: false });
  for (const [channel, mean] of means.entries()) {
    near(`the mean of channel ${channel}`, parts["all"]?.mean[channel], mean);
    near(`the deviation of channel ${channel}`, parts["all"]?.std[channel], stds[channel]);
  }
}

function mnistFile({ bytes }: Facts, name: string): Promise<Uint8Array<ArrayBuffer>> {
  return gunzip(bytes(`mnist/${name}-ubyte.gz`), name, 2 ** 26);
}

const mnist: Check = async (facts) => {
  for (const part of ["train", "t10k"]) {
    const golden = asObject(facts.golden[part], part);
    const dataset = readMnist(
      await mnistFile(facts, `${part}-images-idx3`),
      await mnistFile(facts, `${part}-labels-idx1`),
    );
    const [length = 0, ...sides] = asNumbers(golden["shape"], "shape");
    same("the shape", [dataset.length, ...dataset.fields.x.shape.slice(1)], [length, ...sides]);
    sameRecords(dataset, golden, "records");
    await sameColours(dataset, [asNumber(golden["mean"], "mean")], [asNumber(golden["std"], "std")]);
  }
};

const cifar10: Check = async ({ golden, bytes }) => {
  for (const file of ["data_batch_1.bin", "data_batch_2.bin", "test_batch_first1000.bin"]) {
    const about = asObject(golden[file], file);
    const dataset = cifar10Images([bytes(`cifar10/${file}`)]);
    same("the records", dataset.length, about["records"]);
    sameRecords(dataset, about, "images");
    await sameColours(dataset, asNumbers(about["means"], "means"), asNumbers(about["stds"], "stds"));
  }
};

const digits8x8: Check = ({ golden, bytes }) => {
  for (const [name, about] of Object.entries(golden)) {
    const facts = asObject(about, name);
    const text = new TextDecoder().decode(bytes(asText(facts["path"], "path")));
    const table = readCsv(text, { name, header: false, comment: "#" });
    const dataset = tableDataset(table, { target: "64" });
    same("the rows", dataset.length, facts["rows"]);
    const items = Array.from({ length: dataset.length }, (_, index) => dataset.get(index));
    same(
      "the counts of the labels",
      countsOf(
        items.map(({ y }) => y),
        10,
      ),
      facts["labelCounts"],
    );
    const sum = items.reduce((total, { x }) => x.reduce((all, value) => all + value, total), 0);
    same("the sum of the pixels", sum, facts["pixelSum"]);
    for (const [number, record] of entriesOf(facts, "records")) {
      const { x, y } = dataset.get(Number(number));
      same(`record ${number}`, { label: y, pixels: [...x] }, record);
    }
  }
};

const isbi: Check = async ({ golden, folder }) => {
  const dataset = await isbi2012({ from: folder });
  same("the slices", dataset.length, golden["train"]);
  for (const [number, slice] of entriesOf(golden, "slices")) {
    const { image, mask } = await dataset.get(dataset.names.findIndex((name) => name.endsWith(`/${number}.png`)));
    if (image.values instanceof Uint8Array)
      sameImage(`slice ${number}`, image.values, asObject(slice["image"], "image"));
    const stored = Uint8Array.from(mask.values, (value) => [0, 255][value] ?? 0);
    sameImage(`the label of slice ${number}`, stored, asObject(slice["label"], "label"));
    const share = [...mask.values].filter((value) => value === 0).length / mask.values.length;
    near("the share of membrane", share, slice["membraneShare"]);
  }
};

const boxes: Check = async ({ golden, folder, bytes }) => {
  const parts = await bccd({ from: folder });
  const { train, validation, test } = parts;
  const splits = { train: train.length, val: validation.length, test: test.length };
  same("the parts", { ...splits, trainval: train.length + validation.length }, golden["splits"]);
  same("the annotations", train.length + validation.length + test.length, golden["annotations"]);
  const withoutArea = Object.values(parts).reduce((sum, part) => sum + part.withoutArea, 0);
  same("boxes without an area", withoutArea, asList(golden["withoutArea"], "withoutArea").length);
  for (const [name, photo] of entriesOf(golden, "photos")) {
    const part = Object.values(parts).find(({ names }) => names.some((path) => path.includes(name))) ?? train;
    const item = await part.get(part.names.findIndex((path) => path.includes(name)));
    const found = Array.from(item.boxes.labels, (_, index) => [
      ...item.boxes.values.subarray(4 * index, 4 * index + 4),
    ]);
    same(`the boxes of ${name}`, found, photo["boxes"]);
    // The golden counts classes from 1, which leaves 0 to the background.
    same(
      `the labels of ${name}`,
      Array.from(item.boxes.labels, (label) => label + 1),
      photo["labels"],
    );
    same(`the file of ${name}`, hashOf(bytes(`bccd/BCCD/${item.name}`)), photo["jpegSha256"]);
  }
  const counts = new Map<string, number>();
  for (const part of Object.values(parts))
    for (const [index, count] of part.boxCounts.entries())
      counts.set(part.classNames[index] ?? "", (counts.get(part.classNames[index] ?? "") ?? 0) + count);
  const objects = asObject(golden["objects"], "objects");
  const empty = asList(golden["withoutArea"], "withoutArea").map((entry) =>
    asText(asList(entry, "a box")[1], "a class"),
  );
  for (const [name, total] of Object.entries(objects))
    same(`boxes of ${name}`, counts.get(name), asNumber(total, name) - empty.filter((kind) => kind === name).length);
};

const photograph: Check = async ({ golden, bytes }) => {
  const { shape } = await decodeImage(bytes("images/dog.jpg"), { name: "dog.jpg" });
  same("the photograph", shape, [3, 1213, 1546]);
  const lines = new TextDecoder().decode(bytes("images/imagenet_classes.txt")).split("\n");
  for (const [number, name] of Object.entries(asObject(golden["class"], "class")))
    same(`class ${number}`, lines[Number(number)]?.trim(), name);
};

/** By the names of the golden file. */
export const imageChecks: Readonly<Record<string, Check>> = {
  mnist,
  cifar10,
  digits8x8,
  isbi2012: isbi,
  bccd: boxes,
  images: photograph,
};
