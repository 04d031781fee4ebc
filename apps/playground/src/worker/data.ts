// The digits to learn from: drawn by a generator, MNIST from the net, or IDX files that the user gave.
import { DownloadError, type ImageDataset, digits, gunzip, mnist, readMnist } from "@stria/data";
import type { DataName, GivenFile } from "../messages.ts";
import { Refusal } from "./refusal.ts";

export interface Digits {
  readonly name: string;
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

/** MNIST's, for all of them: a net reads what is drawn on the pad alike, wherever its digits came from. */
const options = { normalise: { mean: [0.1307], std: [0.3081] } };
const largestFile = 64 * 2 ** 20;

const parts = [
  ["train images", /train.*images.*idx3/i],
  ["train labels", /train.*labels.*idx1/i],
  ["test images", /(?:t10k|test).*images.*idx3/i],
  ["test labels", /(?:t10k|test).*labels.*idx1/i],
] as const;

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** What a file contains, gzipped or not. */
async function contents({ name, bytes }: GivenFile): Promise<Uint8Array> {
  return isGzip(bytes) ? gunzip(bytes, name, largestFile) : bytes;
}

/** @throws Refusal that names what is missing; FormatError for damaged files. */
async function readFiles(files: readonly GivenFile[]): Promise<Digits> {
  const found = parts.map(([, pattern]) => files.find(({ name }) => pattern.test(name)));
  const missing = parts.flatMap(([what], index) => (found[index] === undefined ? [what] : []));
  if (missing.length > 0)
    throw new Refusal(
      `Among the files there are no ${missing.join(", no ")}. Give all four of MNIST, or of a set like it, under their usual names: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (or with .gz).`,
    );
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all(
    found.flatMap((file) => (file === undefined ? [] : [contents(file)])),
  );
  const read = (images: Uint8Array | undefined, labels: Uint8Array | undefined, from: number): ImageDataset => {
    const names = [found[from]?.name ?? "", found[from + 1]?.name ?? ""] as const;
    const dataset = readMnist(images ?? new Uint8Array(0), labels ?? new Uint8Array(0), options, names);
    if (dataset.fields.x.shape.join() !== "1,28,28" || dataset.length === 0)
      throw new Refusal(
        `${names[0]} holds ${dataset.length} images of ${dataset.fields.x.shape.join(" x ")}; 28 x 28 are needed.`,
      );
    return dataset;
  };
  return { name: "your files", train: read(trainImages, trainLabels, 0), test: read(testImages, testLabels, 2) };
}

export class DataSource {
  readonly #note: (text: string) => void;
  readonly #known = new Map<DataName, Digits>();

  constructor(note: (text: string) => void) {
    this.#note = note;
  }

  /** Takes files in, for `open("files")`. */
  async take(files: readonly GivenFile[]): Promise<Digits> {
    const found = await readFiles(files);
    this.#known.set("files", found);
    return found;
  }

  async open(name: DataName): Promise<Digits> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const opened = await this.#make(name);
    if (opened.name !== "drawn digits" || name === "drawn") this.#known.set(name, opened);
    return opened;
  }

  async #make(name: DataName): Promise<Digits> {
    if (name === "drawn") return { name: "drawn digits", ...digits(options) };
    if (name === "files")
      throw new Refusal("No files were given yet: drop MNIST's four IDX files on the page, or choose them below.");
    this.#note("Fetching MNIST …");
    try {
      const onProgress = ({ file, received }: { file: string; received: number }): void =>
        this.#note(`Fetching MNIST: ${file}, ${(received / 2 ** 20).toFixed(1)} MB`);
      return { name: "MNIST", ...(await mnist({ ...options, onProgress })) };
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      this.#note(
        "MNIST cannot be fetched from here, so drawn digits take its place. If you have its files, drop them on the page.",
      );
      return { name: "drawn digits", ...digits(options) };
    }
  }
}
