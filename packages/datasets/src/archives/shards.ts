// Samples out of tar shards as they come, as WebDataset writes them: files of one name and several extensions are one sample.
import { AttributeError, FormatError, permutationOf, streamKey } from "@stria/core";
import type { Image } from "@stria/augmentation";
import type { Fields, IterableDataset } from "@stria/data";
import { type Files, filesOf, type FileSource, pathsIn, placeOf } from "../files/file-source.ts";
import { readImage, type ReadImageOptions } from "../images/read-image.ts";
import { tarMembers, type TarOptions } from "./tar-members.ts";

/** The files of one sample. */
export interface ShardSample {
  /** What the names of its files have in common: "train/000017". */
  readonly key: string;
  /** Its files by their extensions in lower case, from the first dot on: "jpg", "cls", "seg.png". */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** The archive, for errors. */
  readonly shard: string;
}

/** What a stream of shards leaves out, where it is asked to go on. */
export interface BrokenSample {
  readonly name: string;
  readonly error: Error;
}

export interface ShardOptions extends TarOptions {
  /** Which files are shards; those that end in `.tar`, `.tar.gz` or `.tgz` by default. */
  readonly only?: (path: string) => boolean;
  /** Whether each pass goes through the shards in another order, by the seed and the number of the pass. Default: false. */
  readonly shuffleShards?: boolean;
  readonly seed?: number;
  /** Every `of`th shard from number `index` on: what one of several workers reads. */
  readonly part?: { readonly index: number; readonly of: number };
  /** Called for a shard, or a sample, that is broken; what is left of the shard is passed over. By default it is an error. */
  readonly onBroken?: (broken: BrokenSample) => void;
}

const isShard = (path: string): boolean => /\.(tar|tar\.gz|tgz)$/i.test(path);

/** The key and the extension of a path. */
function partsOf(path: string): readonly [key: string, extension: string] {
  const dot = path.indexOf(".", path.lastIndexOf("/") + 1);
  return dot < 0 ? [path, ""] : [path.slice(0, dot), path.slice(dot + 1).toLowerCase()];
}

function streamOf(source: FileSource, path: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (source.stream) return source.stream(path);
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      controller.enqueue(await source.read(path));
      controller.close();
    },
  });
}

async function* samplesIn(
  source: FileSource,
  path: string,
  options: ShardOptions,
): AsyncGenerator<ShardSample, void, undefined> {
  const shard = placeOf(source, path);
  let sample: { key: string; files: Map<string, Uint8Array<ArrayBuffer>> } | undefined;
  for await (const member of tarMembers(streamOf(source, path), shard, options)) {
    const [key, extension] = partsOf(member.path);
    if (sample && sample.key !== key) {
      yield { ...sample, shard };
      sample = undefined;
    }
    sample ??= { key, files: new Map() };
    if (sample.files.has(extension))
      throw new FormatError(shard, `sample ${key} has two files .${extension}`, "write the shard again");
    sample.files.set(extension, member.bytes);
  }
  if (sample) yield { ...sample, shard };
}

/** Paths in an order that is a function of the seed and the pass. */
function shuffled(paths: readonly string[], seed: number, pass: number): string[] {
  return Array.from(permutationOf(streamKey(seed, "shards", pass), paths.length), (index) => paths[index] ?? "");
}

/** A stream of `make(sample)`, in which a broken one is an error or passed over. */
function streamed<Item>(
  files: Files,
  options: ShardOptions,
  make: (sample: ShardSample) => Item | Promise<Item>,
  fields: Fields | undefined,
): IterableDataset<Item> {
  const { only = isShard, shuffleShards = false, seed = 0, part = { index: 0, of: 1 }, onBroken } = options;
  if (!(Number.isInteger(part.of) && Number.isInteger(part.index) && part.index >= 0 && part.index < part.of))
    throw new AttributeError("shards", `part is ${part.index} of ${part.of}`, "count parts from 0");
  const source = filesOf(files);
  const passOver = (name: string, error: unknown): void => {
    if (!onBroken || !(error instanceof Error)) throw error;
    onBroken({ name, error });
  };
  async function* pass(epoch: number): AsyncGenerator<Item> {
    const all = (await pathsIn(source)).filter((path) => only(path));
    if (all.length === 0)
      throw new FormatError(source.name, "there are no shards in it", "pass the folder of the .tar files");
    const ordered = shuffleShards ? shuffled(all, seed, epoch) : all;
    for (const path of ordered.filter((_, index) => index % part.of === part.index)) {
      const samples = samplesIn(source, path, options);
      for (;;) {
        const next = await samples.next().catch((error: unknown) => passOver(placeOf(source, path), error));
        if (!next || next.done === true) break;
        const { value } = next;
        let item: Item;
        try {
          item = await make(value);
        } catch (error) {
          passOver(`${value.shard}/${value.key}`, error);
          continue;
        }
        yield item;
      }
    }
  }
  return { fields, pass, [Symbol.asyncIterator]: () => pass(0) };
}

/**
 * The samples of all shards below a folder, as a stream: for sets that are larger than memory. One file is held at a time.
 * @throws AttributeError for a part that is none; FormatError (while iterating) for archives that are damaged, cut short or hostile
 */
export function shards(files: Files, options: ShardOptions = {}): IterableDataset<ShardSample> {
  return streamed(files, options, (sample) => sample, undefined);
}

export interface ShardedImagesOptions extends ShardOptions, ReadImageOptions {
  /** Extensions of the image, of which a sample has one. Default: those of image files. */
  readonly image?: readonly string[];
  /** The extension of the file with the class as a number. Default: "cls". */
  readonly label?: string;
  /** The classes, so that every label is checked. */
  readonly classNames?: readonly string[];
}

/** An image of a shard and its class. */
export interface ShardedImage {
  readonly image: Image;
  readonly label: number;
  readonly name: string;
}

const imageExtensions = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "ppm", "pgm"];

/** The labelled images of all shards below a folder, as a stream. @throws as {@link shards}, and FormatError for a sample without an image or a class */
export function shardedImages(files: Files, options: ShardedImagesOptions = {}): IterableDataset<ShardedImage> {
  const { image: extensions = imageExtensions, label: labelled = "cls", classNames } = options;
  const fields: Fields = {
    label: { shape: [], dtype: "int32", ...(classNames && { numClasses: classNames.length }) },
  };
  const make = async ({ key, files: parts, shard }: ShardSample): Promise<ShardedImage> => {
    const name = `${shard}/${key}`;
    const wrong = (fault: string): FormatError =>
      new FormatError(name, fault, "write the shard again, or pass the extensions");
    const extension = extensions.find((candidate) => parts.has(candidate));
    const bytes = extension === undefined ? undefined : parts.get(extension);
    if (!bytes) throw wrong(`it has no image; its files are ${[...parts.keys()].join(", ")}`);
    const written = new TextDecoder().decode(parts.get(labelled) ?? new Uint8Array(0)).trim();
    const label = written === "" ? Number.NaN : Number(written);
    if (!Number.isInteger(label) || label < 0 || label >= (classNames?.length ?? Infinity))
      throw wrong(`its class (${labelled}) is "${written}"`);
    return { image: await readImage(bytes, `${name}.${extension}`, options), label, name };
  };
  return streamed(files, options, make, fields);
}
