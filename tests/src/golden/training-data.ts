// The batches that a golden training run names in words: so many images of a published data set, in order.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Tensor, at, fromHost, slice } from "@stria/core";
import { type ImageDataset, cifar10Images, readMnist } from "@stria/data";
import { madeData } from "./made-data.ts";
import { Unsupported } from "./outcome.ts";

export interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** Which images: the first and how many. */
interface Part {
  readonly dataset: ImageDataset;
  readonly first: number;
  readonly count: number;
}

/** The file's contents; gzip is undone. */
function contents(folder: string, name: string): Uint8Array {
  const path = join(folder, name);
  if (!existsSync(path)) throw new Unsupported(`training runs on ${name}, which is not in the data folder`);
  const bytes = readFileSync(path);
  return name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

function mnist(data: string, prefix: "train" | "t10k"): ImageDataset {
  const [images, labels] = ["images-idx3", "labels-idx1"].map((name) =>
    contents(data, `mnist/${prefix}-${name}-ubyte.gz`),
  );
  return readMnist(images ?? new Uint8Array(), labels ?? new Uint8Array(), { pad: 2 });
}

function cifar(data: string, file: string): ImageDataset {
  return cifar10Images([contents(data, `cifar10/${file}`)], {}, file);
}

/** Each way of naming images, and where they are. The words must be known to the last: another normalisation is another run. */
const descriptions: readonly { readonly words: RegExp; part(match: readonly string[], data: string): Part }[] = [
  {
    words:
      /^MNIST, training images (\d+)-(\d+) in order, batches of \d+; \(x\/255 - 0\.1307\)\/0\.3081, then padded by 2 with zeros to 32x32$/,
    part: ([, first = "", last = ""], data) => ({
      dataset: mnist(data, "train"),
      first: Number(first),
      count: Number(last) - Number(first) + 1,
    }),
  },
  {
    words: /^MNIST, the first ([\d,]+) test images$/,
    part: ([, count = ""], data) => ({
      dataset: mnist(data, "t10k"),
      first: 0,
      count: Number(count.replaceAll(",", "")),
    }),
  },
  {
    words:
      /^CIFAR-10, images (\d+)-(\d+) of (\w+\.bin) in order, batches of \d+(?:, .+ is the first again)?; \(x\/255 - mean\)\/std, mean \.485 \.456 \.406, std \.229 \.224 \.225$/,
    part: ([, first = "", last = "", file = ""], data) => ({
      dataset: cifar(data, file),
      first: Number(first),
      count: Number(last) - Number(first) + 1,
    }),
  },
  {
    words: /^CIFAR-10, test images (\d+)-(\d+), evaluation mode$/,
    part: ([, first = "", last = ""], data) => ({
      dataset: cifar(data, "test_batch_first1000.bin"),
      first: Number(first),
      count: Number(last) - Number(first) + 1,
    }),
  },
];

/** The images that `description` names, in batches of `size` (all in one where nothing is said). @throws Unsupported for other words. */
export function batchesOf(description: string, data: string, size?: number): Batch[] {
  for (const { words, part } of descriptions) {
    const match = words.exec(description);
    if (!match) continue;
    const { dataset, first, count } = part(match, data);
    return Array.from({ length: Math.ceil(count / (size ?? count)) }, (_, index) => {
      const start = first + index * (size ?? count);
      return batchAt(dataset, start, Math.min(size ?? count, first + count - start));
    });
  }
  const made = madeData(description, data);
  if (!made) throw new Unsupported(`training runs on "${description}"`);
  const { items, perBatch } = made;
  const count = at(items.x.shape, 0);
  const each = size === undefined ? count : (perBatch ?? count);
  return Array.from({ length: count / each }, (_, index) => ({
    x: rowsOf(items.x, index * each, each),
    y: rowsOf(items.y, index * each, each),
  }));
}

function rowsOf(x: Tensor, first: number, count: number): Tensor {
  return slice(x, [first, ...x.shape.slice(1).map(() => 0)], [count, ...x.shape.slice(1)]);
}

function batchAt(dataset: ImageDataset, first: number, count: number): Batch {
  const samples = Array.from({ length: count }, (_, index) => dataset.get(first + index));
  const size = samples[0]?.x.length ?? 0;
  const pixels = new Float32Array(count * size);
  for (const [index, { x }] of samples.entries()) pixels.set(x, index * size);
  return {
    x: fromHost(pixels, [count, ...dataset.fields.x.shape], "float32"),
    y: fromHost(
      Int32Array.from(samples, ({ y }) => y),
      [count],
      "int32",
    ),
  };
}
