// Safetensors files of which only what is asked for is read: the header first, then single tensors, of one file or of the shards that an index names.
import type { StoredTensor } from "@stria/core";
import { directoryEnd, parseDirectory, type TensorPlace } from "@stria/core/safetensors";
import { refuse } from "../fault.ts";
import { type ByteSource, readAll } from "../source/byte-source.ts";
import { fewAtOnce } from "../source/in-turn.ts";
import { openPart } from "../source/open-part.ts";
import { type FileInput, type OpenOptions, openSource } from "../source/open-source.ts";
import type { TensorEntry, TensorSource } from "../tensor-source.ts";
import { parseIndex } from "./shard-index.ts";

/** A safetensors file whose tensors are read when they are asked for. */
export interface OpenSafetensors extends TensorSource {
  /** The file's own texts; of a sharded one those of all shards together. */
  readonly metadata: ReadonlyMap<string, string>;
}

const lengthBytes = 8;
const worthReading = 2 ** 16; // bytes between two tensors that are read rather than asked for anew
const largestIndex = 2 ** 26;
const mostTogether = 2 ** 26;

interface Run {
  begin: number;
  end: number;
  readonly names: string[];
}

/** Tensors that lie side by side, or nearly, together. */
function runsOf(wanted: readonly (readonly [name: string, place: TensorPlace])[]): Run[] {
  const runs: Run[] = [];
  for (const [name, { begin, end }] of wanted.toSorted(([, a], [, b]) => a.begin - b.begin)) {
    const last = runs.at(-1);
    if (last !== undefined && begin - last.end <= worthReading && end - last.begin <= mostTogether) {
      last.end = Math.max(last.end, end);
      last.names.push(name);
    } else runs.push({ begin, end, names: [name] });
  }
  return runs;
}

/** Whether the file is JSON: as the length of a header, the first bytes of a text would be beyond any file. */
async function isIndex(file: ByteSource): Promise<boolean> {
  const first = await file.read(0, Math.min(lengthBytes, file.length));
  return /^\s*\{/.test(new TextDecoder().decode(first)) && (first.length < lengthBytes || (first[7] ?? 0) !== 0);
}

async function openOne(file: ByteSource): Promise<OpenSafetensors> {
  const { name: source, length } = file;
  const end = directoryEnd(await file.read(0, Math.min(lengthBytes, length)), length, source);
  const { places, metadata } = parseDirectory(await file.read(0, end), length, source);

  async function read(names: Iterable<string> = places.keys()): Promise<Map<string, StoredTensor>> {
    const wanted = [...names].map((name) => [name, places.get(name) ?? noTensor(name, places, source)] as const);
    const found = new Map<string, StoredTensor>();
    await fewAtOnce(runsOf(wanted), async (run) => {
      const bytes = await file.read(run.begin, run.end);
      for (const name of run.names) {
        const { shape, storedAs, begin, end: behind } = places.get(name) ?? noTensor(name, places, source);
        found.set(name, { shape, storedAs, bytes: bytes.subarray(begin - run.begin, behind - run.begin) });
      }
    });
    return new Map(wanted.flatMap(([name]) => entryOf(found, name)));
  }

  return { source, entries: places, metadata, read, close: () => file.close() };
}

function entryOf(tensors: ReadonlyMap<string, StoredTensor>, name: string): [string, StoredTensor][] {
  const tensor = tensors.get(name);
  return tensor ? [[name, tensor]] : [];
}

function noTensor(name: string, entries: ReadonlyMap<string, unknown>, source: string): never {
  const names = [...entries.keys()];
  return refuse(
    source,
    `there is no tensor ${JSON.stringify(name)} in it`,
    `ask for one of ${names.slice(0, 8).join(", ")}${names.length > 8 ? ", ..." : ""}`,
  );
}

async function openShards(index: ByteSource): Promise<OpenSafetensors> {
  const { name: source } = index;
  if (index.length > largestIndex) return refuse(source, `${index.length} bytes are too many for an index`);
  const shardOf = parseIndex(new TextDecoder().decode(await readAll(index)), source);
  const shards = new Map<string, OpenSafetensors>();
  const close = async (): Promise<void> => {
    for (const shard of shards.values()) await shard.close();
    await index.close();
  };
  try {
    await fewAtOnce([...new Set(shardOf.values())], async (name) => {
      const file = await openPart(index, name);
      try {
        shards.set(name, await openOne(file));
      } catch (error) {
        await file.close();
        throw error;
      }
    });
    const entries = new Map<string, TensorEntry>();
    for (const [name, shard] of shardOf) {
      const entry = shards.get(shard)?.entries.get(name);
      if (entry === undefined) return refuse(source, `its tensor ${JSON.stringify(name)} is not in ${shard}`);
      entries.set(name, entry);
    }
    const read = async (names: Iterable<string> = entries.keys()): Promise<Map<string, StoredTensor>> => {
      const wanted = [...names];
      const found = new Map<string, StoredTensor>();
      const shardsOf = wanted.map((name) => shardOf.get(name) ?? noTensor(name, entries, source));
      for (const shard of new Set(shardsOf)) {
        const own = wanted.filter((_, position) => shardsOf[position] === shard);
        for (const [name, tensor] of (await shards.get(shard)?.read(own)) ?? []) found.set(name, tensor);
      }
      return new Map(wanted.flatMap((name) => entryOf(found, name)));
    };
    const metadata = new Map([...shards.values()].flatMap((shard) => [...shard.metadata]));
    return { source, entries, metadata, read, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The tensors of `file`, which is a safetensors file or an index. */
export async function safetensorsOf(file: ByteSource): Promise<OpenSafetensors> {
  return (await isIndex(file)) ? openShards(file) : openOne(file);
}

/**
 * Opens a safetensors file, or the index of one in shards (`model.safetensors.index.json`), without reading its tensors: of an address, the
 * header is fetched alone, and then single tensors by range; a server that does not know ranges sends the file once, whole.
 * @throws FormatError for anything but a well-formed file, an index whose shards are not beside it or lack a tensor; DownloadError for an
 * address that cannot be read; the reason of `signal` when that is aborted
 * @example
 * const file = await openSafetensors("https://.../model.safetensors");
 * const { "fc.weight": weight } = Object.fromEntries(await file.read(["fc.weight"]));
 */
export async function openSafetensors(input: FileInput, options: OpenOptions = {}): Promise<OpenSafetensors> {
  const file = await openSource(input, options);
  try {
    return await safetensorsOf(file);
  } catch (error) {
    await file.close();
    throw error;
  }
}
