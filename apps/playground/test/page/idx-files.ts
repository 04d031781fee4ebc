// Small files in MNIST's format, of drawn digits, one of them gzipped.
import { gzipSync } from "node:zlib";
import { type ImageDataset, digits } from "@stria/data";

interface UploadedFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

function header(magic: number, sizes: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * sizes.length);
  bytes.writeUInt32BE(magic, 0);
  for (const [index, size] of sizes.entries()) bytes.writeUInt32BE(size, 4 + 4 * index);
  return bytes;
}

function pairOf(name: string, dataset: ImageDataset): UploadedFile[] {
  const places = Array.from({ length: dataset.length }, (_, index) => index);
  const images = Buffer.concat([
    header(0x0803, [dataset.length, 28, 28]),
    ...places.map((index) => dataset.pixels(index)),
  ]);
  const labels = Buffer.concat([
    header(0x0801, [dataset.length]),
    Buffer.from(places.map((index) => dataset.label(index))),
  ]);
  return [
    { name: `${name}-images-idx3-ubyte.gz`, mimeType: "", buffer: gzipSync(images) },
    { name: `${name}-labels-idx1-ubyte`, mimeType: "", buffer: labels },
  ];
}

/** The four files: images and labels to train on, images and labels to test with. */
export function idxFiles(train: number, test: number): UploadedFile[] {
  const drawn = digits({ train, test });
  return [...pairOf("train", drawn.train), ...pairOf("t10k", drawn.test)];
}
