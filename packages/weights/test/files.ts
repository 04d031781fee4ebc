// Small files of torch.save, put together byte by byte, good ones and bad ones.

const encoder = new TextEncoder();

export type Part = number | string | Uint8Array;

/** Bytes one after the other: numbers are bytes, texts their characters. */
export function joined(...parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "number" ? [part] : [...(typeof part === "string" ? encoder.encode(part) : part)],
    ),
  );
}

export function uint32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

/** BINUNICODE. */
export function text(value: string): Uint8Array {
  const bytes = encoder.encode(value);
  return joined("X", uint32(bytes.length), bytes);
}

/** BININT. */
export function int(value: number): Uint8Array {
  return joined("J", new Uint8Array(Int32Array.of(value).buffer));
}

export function tuple(...parts: readonly Part[]): Uint8Array {
  return joined("(", ...parts, "t");
}

/** A dict of keys and values, alternating. */
export function dict(...parts: readonly Part[]): Uint8Array {
  return joined("}(", ...parts, "u");
}

export function pickle(...parts: readonly Part[]): Uint8Array {
  return joined(0x80, 2, ...parts, ".");
}

export interface TensorSpec {
  readonly type?: string;
  readonly key?: string;
  readonly count?: number;
  readonly offset?: number;
  readonly size?: readonly number[];
  readonly stride?: readonly number[];
}

/** A tensor as `_rebuild_tensor_v2` gets it; by default [2, 2] of storage "0" with 4 numbers. */
export function tensor(spec: TensorSpec = {}): Uint8Array {
  const { type = "Float", key = "0", count = 4, offset = 0, size = [2, 2], stride = [2, 1] } = spec;
  const storage = tuple(text("storage"), `ctorch\n${type}Storage\n`, text(key), text("cpu"), int(count));
  const hooks = "ccollections\nOrderedDict\n)R";
  return joined(
    "ctorch._utils\n_rebuild_tensor_v2\n",
    tuple(storage, "Q", int(offset), tuple(...size.map(int)), tuple(...stride.map(int)), 0x89, hooks),
    "R",
  );
}

const record16 = (value: number): number[] => [value & 255, (value >> 8) & 255];

/** What the directory of a zip archive says of its entries, where it is not the truth of bytes that are stored. */
export interface Stated {
  readonly length?: number;
  readonly crc?: number | ((contents: Uint8Array) => number);
}

/** A zip archive; `method` other than 0 only says that an entry is compressed. */
export function zip(
  entries: Readonly<Record<string, Uint8Array>>,
  method = 0,
  { length, crc = 0 }: Stated = {},
): Uint8Array<ArrayBuffer> {
  const locals: Uint8Array[] = [];
  const centrals: Uint8Array[] = [];
  let at = 0;
  for (const [name, bytes] of Object.entries(entries)) {
    const lengths = [uint32(bytes.length), uint32(length ?? bytes.length)];
    const sizes = joined(
      uint32(typeof crc === "number" ? crc : crc(bytes)),
      ...lengths,
      ...record16(name.length),
      0,
      0,
    );
    const head = joined(...record16(20), 0, 0, ...record16(method), 0, 0, 0, 0);
    const local = joined("PK", 3, 4, head, sizes, name, bytes);
    centrals.push(joined("PK", 1, 2, 20, 0, head, sizes, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, uint32(at), name));
    locals.push(local);
    at += local.length;
  }
  const directory = joined(...centrals);
  const count = record16(locals.length);
  return joined(
    ...locals,
    directory,
    "PK",
    5,
    6,
    0,
    0,
    0,
    0,
    ...count,
    ...count,
    uint32(directory.length),
    uint32(at),
    0,
    0,
  );
}

export const numbers: Uint8Array = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);

/** An archive with a pickle, and storages by key. */
export function archive(
  value: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = { 0: numbers },
): Uint8Array<ArrayBuffer> {
  const records = Object.entries(storages).map(([key, bytes]) => [`archive/data/${key}`, bytes] as const);
  return zip({ "archive/data.pkl": value, ...Object.fromEntries(records) });
}

/** The container of before 1.6: `stored` are the storages, each behind its number of elements. */
export function legacy(
  value: Uint8Array,
  keys: readonly string[],
  ...stored: readonly Part[]
): Uint8Array<ArrayBuffer> {
  const magic = pickle(0x8a, 10, Uint8Array.of(0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19));
  const system = pickle(dict(text("little_endian"), 0x88));
  return joined(magic, pickle(int(1001)), system, value, pickle("](", ...keys.map(text), "e"), ...stored);
}
