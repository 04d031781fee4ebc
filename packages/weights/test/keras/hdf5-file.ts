// Small HDF5 files, put together byte by byte as h5py does it by default (HDF5 File Format Specification 3.0, superblock 0).

/** An array: numbers as little-endian bytes of a type that NumPy calls `<f4`. */
export interface Data {
  readonly shape: readonly number[];
  readonly type?: "f4" | "f8" | "i4" | "i8" | "u1";
  readonly bytes: Uint8Array;
}

export type AttributeValue = string | number | readonly string[];

/** A group: attributes, and what is in it by name. */
export interface Tree {
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly children?: Readonly<Record<string, Tree | Data>>;
}

const encoder = new TextEncoder();
const padded = (length: number): number => Math.ceil(length / 8) * 8;

/** Where parts of the file lie, for tests that change them. */
export interface Places {
  readonly trees: number[];
  readonly headers: number[];
  readonly heaps: number[];
}

class Writer {
  bytes = new Uint8Array(1 << 16);
  end = 0;
  readonly places: Places = { trees: [], headers: [], heaps: [] };

  place(length: number): number {
    const at = this.end;
    this.end = padded(at + length);
    while (this.end > this.bytes.length) {
      const larger = new Uint8Array(2 * this.bytes.length);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    return at;
  }

  put(at: number, ...parts: readonly (string | Uint8Array | readonly [width: number, value: number])[]): number {
    let next = at;
    for (const part of parts) {
      if (typeof part === "string" || part instanceof Uint8Array) {
        const bytes = typeof part === "string" ? encoder.encode(part) : part;
        this.bytes.set(bytes, next);
        next += bytes.length;
      } else {
        let value = BigInt(part[1]);
        for (let byte = 0; byte < part[0]; byte++, value >>= 8n) this.bytes[next++] = Number(value & 255n);
      }
    }
    return next;
  }

  message(type: number, ...body: readonly (string | Uint8Array | readonly [number, number])[]): Uint8Array {
    const draft = new Writer();
    const end = draft.put(8, ...body);
    draft.put(0, [2, type], [2, padded(end - 8)]);
    return draft.bytes.slice(0, padded(end));
  }

  header(messages: readonly Uint8Array[]): number {
    const length = messages.reduce((sum, one) => sum + one.length, 0);
    const at = this.place(16 + length);
    this.places.headers.push(at);
    this.put(at, [1, 1], [1, 0], [2, messages.length], [4, 1], [4, length], [4, 0], ...messages);
    return at;
  }
}

function datatype(type: string): Uint8Array {
  const width = Number(type.slice(1));
  const [kind = 0, flags = 0] = { f: [0x11, 0x20], i: [0x10, 0x08], u: [0x10, 0x00] }[type.slice(0, 1)] ?? [];
  const body = new Uint8Array(kind === 0x11 ? 24 : 16);
  body.set([kind, flags, kind === 0x11 ? 8 * width - 1 : 0, 0, width]);
  body.set([0, 0, 8 * width, 0], 8);
  return body;
}

function dataspace(shape: readonly number[]): Uint8Array {
  const body = new Uint8Array(8 + 8 * shape.length);
  body.set([1, shape.length]);
  for (const [axis, length] of shape.entries())
    new DataView(body.buffer).setBigUint64(8 + 8 * axis, BigInt(length), true);
  return body;
}

function attribute(writer: Writer, name: string, value: AttributeValue): Uint8Array {
  const named = encoder.encode(`${name}\0`);
  const head = (type: Uint8Array, space: Uint8Array): (Uint8Array | readonly [number, number])[] => [
    [1, 1],
    [1, 0],
    [2, named.length],
    [2, type.length],
    [2, space.length],
    ...[named, type, space].map((part) => {
      const whole = new Uint8Array(padded(part.length));
      whole.set(part);
      return whole;
    }),
  ];
  if (typeof value === "number") {
    const data = new Uint8Array(Float64Array.of(value).buffer);
    return writer.message(0x0c, ...head(datatype("f8"), dataspace([])), data);
  }
  if (typeof value === "string") {
    // A text of variable length lies in a global heap.
    const text = encoder.encode(value);
    const size = padded(16 + 16 + padded(text.length) + 16);
    const heap = writer.place(size);
    writer.places.heaps.push(heap);
    writer.put(heap, "GCOL", [4, 1], [8, size], [2, 1], [2, 1], [4, 0], [8, text.length], text);
    const type = Uint8Array.of(0x19, 1, 1, 0, 16, 0, 0, 0, 0x13, 0, 0, 0, 1, 0, 0, 0);
    return writer.message(0x0c, ...head(type, dataspace([])), [4, text.length], [8, heap], [4, 1]);
  }
  const width = Math.max(1, ...value.map((text) => encoder.encode(text).length));
  const data = new Uint8Array(width * value.length);
  for (const [index, text] of value.entries()) data.set(encoder.encode(text), index * width);
  const type = Uint8Array.of(0x13, 0x01, 0, 0, width & 255, width >> 8, 0, 0);
  return writer.message(0x0c, ...head(type, dataspace([value.length])), data);
}

function isData(item: Tree | Data): item is Data {
  return "bytes" in item;
}

function write(writer: Writer, item: Tree | Data): number {
  if (isData(item)) {
    const at = writer.place(item.bytes.length);
    writer.put(at, item.bytes);
    return writer.header([
      writer.message(0x01, dataspace(item.shape)),
      writer.message(0x03, datatype(item.type ?? "f4")),
      writer.message(0x08, [1, 3], [1, 1], [8, at], [8, item.bytes.length]),
    ]);
  }
  const { attributes = {}, children = {} } = item;
  const links = Object.entries(children)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, child]) => ({ name, address: write(writer, child) }));
  const texts = encoder.encode(`\0\0\0\0\0\0\0\0${links.map(({ name }) => `${name}\0`).join("")}`);
  const names = writer.place(texts.length);
  writer.put(names, texts);
  const heap = writer.place(32);
  writer.put(heap, "HEAP", [4, 0], [8, padded(texts.length)], [8, 1], [8, names]);
  const table = writer.place(8 + 40 * links.length);
  writer.put(table, "SNOD", [1, 1], [1, 0], [2, links.length]);
  let offset = 8;
  for (const [index, { name, address }] of links.entries()) {
    writer.put(table + 8 + 40 * index, [8, offset], [8, address], [4, 0]);
    offset += encoder.encode(name).length + 1;
  }
  const tree = writer.place(48);
  writer.places.trees.push(tree);
  const none = new Uint8Array(16).fill(255);
  writer.put(tree, "TREE", [1, 0], [1, 0], [2, 1], none, [8, 0], [8, table], [8, 8]);
  const messages = Object.entries(attributes).map(([name, value]) => attribute(writer, name, value));
  return writer.header([writer.message(0x11, [8, tree], [8, heap]), ...messages]);
}

/** A file with `root` as its root group. */
export function hdf5(root: Tree): { bytes: Uint8Array<ArrayBuffer>; places: Places } {
  const writer = new Writer();
  const begin = writer.place(96);
  const address = write(writer, root);
  const end = writer.end;
  writer.put(
    begin,
    Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a),
    [4, 0],
    [1, 0],
    [1, 8],
    [1, 8],
    [1, 0],
  );
  writer.put(16, [2, 4], [2, 16], [4, 0], [8, 0], new Uint8Array(8).fill(255), [8, end], new Uint8Array(8).fill(255));
  writer.put(56, [8, 0], [8, address], [4, 0]);
  return { bytes: writer.bytes.slice(0, end), places: writer.places };
}

/** Numbers of a shape, float32. */
export function floats(shape: readonly number[], ...numbers: readonly number[]): Data {
  return { shape, bytes: new Uint8Array(Float32Array.from(numbers).buffer) };
}

/** 0, 1, 2, ... of a shape. */
export function counting(...shape: readonly number[]): Data {
  const size = shape.reduce((product, length) => product * length, 1);
  return floats(shape, ...Array.from({ length: size }, (_, index) => index));
}
