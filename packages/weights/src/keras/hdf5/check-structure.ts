// Walks an HDF5 file before the library does: the library follows what a file says without end and without limit, so whatever it will follow is
// checked first. Only what h5py writes by default is let through, which is what Keras has always used.
import type { Budget } from "../../budget.ts";
import { checkAttribute, datatypeAt, elementsAt, GlobalHeaps } from "./messages.ts";
import { Region } from "./region.ts";

/** Where the numbers of a dataset lie. */
export interface Place {
  readonly address: number;
  readonly length: number;
}

const message = {
  nothing: 0x00,
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  external: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

/** What only other settings than h5py's defaults bring about. */
const notDefault: Readonly<Record<number, string>> = {
  [message.linkInfo]: "groups of a newer kind",
  [message.link]: "groups of a newer kind",
  [message.external]: "data in other files",
  [message.filters]: "compressed data",
  [message.attributeInfo]: "attributes of a newer kind",
};
const asKeras = "save it with Keras, or with h5py's default settings and without compression";
const refusedNames: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype", "", ".", ".."]);
const longestName = 4096;
const mostLevels = 64;

interface Message {
  readonly type: number;
  readonly at: number;
  readonly end: number;
}

class Walk {
  readonly places = new Map<string, Place>();
  readonly #region: Region;
  readonly #budget: Budget;
  readonly #heaps: GlobalHeaps;
  readonly #decoder = new TextDecoder();

  constructor(bytes: Uint8Array, budget: Budget) {
    this.#region = new Region(bytes, budget.source);
    this.#budget = budget;
    this.#heaps = new GlobalHeaps(this.#region, budget);
  }

  file(): void {
    const region = this.#region;
    const version = region.uint8(8);
    if (version !== 0) region.fail(`has a superblock of version ${version}`, asKeras);
    if (region.uint8(13) !== 8 || region.uint8(14) !== 8) region.fail("has addresses that are not of 64 bits", asKeras);
    region.claim(0, 96, "the superblock");
    if (region.uint64(24) !== 0) region.fail("does not begin at its first byte");
    const end = region.address(40, "its end");
    if (end > region.bytes.length) region.fail(`is cut: it had ${end} bytes and has ${region.bytes.length}`);
    this.#object(region.address(64, "its root"), "", 0);
  }

  /** The messages of an object: in its header, and in the blocks where the header goes on. */
  #messages(address: number): Message[] {
    const region = this.#region;
    if (region.uint8(address) !== 1) region.fail(`has an object of another kind at ${address}`, asKeras);
    const count = region.uint16(address + 2);
    const first = { at: address + 16, length: region.uint32(address + 8) };
    region.claim(address, 16 + first.length, "an object");
    const blocks = [first];
    const found: Message[] = [];
    for (const block of blocks) {
      for (let at = block.at; found.length < count && at < block.at + block.length;) {
        const type = region.uint16(at);
        const end = at + 8 + region.uint16(at + 2);
        // Messages fill a block to its last byte: else the library would read on behind it, where nothing is checked.
        if (end > block.at + block.length) region.fail("has a message that is larger than its block");
        if (notDefault[type] !== undefined) region.fail(`has ${notDefault[type]}`, asKeras);
        if ((region.uint8(at + 4) & 2) !== 0 && type !== message.nothing) region.fail("has a shared message", asKeras);
        if (type === message.continuation) {
          const more = { at: region.address(at + 8, "a block"), length: region.address(at + 16, "a block's end") };
          region.claim(more.at, more.length, "a block of an object");
          if (more.length < 8) region.fail("has an empty block of an object");
          blocks.push(more);
        }
        this.#budget.spend(400, "the messages of its objects");
        found.push({ type, at: at + 8, end });
        at = end;
      }
    }
    // The library goes on to count messages where the blocks have ended.
    if (found.length < count) region.fail("has an object with fewer messages than it counts");
    return found;
  }

  #object(address: number, path: string, level: number): void {
    if (level > mostLevels) this.#region.fail(`has groups within groups, more than ${mostLevels} deep`);
    const messages = this.#messages(address);
    const seen = new Set<number>();
    for (const { type, at, end } of messages)
      if (type === message.attribute) checkAttribute(this.#region, at, end, this.#heaps, seen);
    const layout = messages.find(({ type }) => type === message.layout);
    const [table, second] = messages.filter(({ type }) => type === message.symbolTable);
    if (second) this.#region.fail(`has ${JSON.stringify(path)} with two tables of entries`);
    if (layout) this.#dataset(messages, layout, path);
    else if (table) this.#group(table, path, level);
    else this.#region.fail(`has ${JSON.stringify(path)}, which is neither a group nor data`);
  }

  #dataset(messages: readonly Message[], { at }: Message, path: string): void {
    const region = this.#region;
    const part = (type: number): number =>
      messages.find((one) => one.type === type)?.at ?? region.fail(`has ${JSON.stringify(path)} without shape or type`);
    const length = elementsAt(region, part(message.dataspace)) * datatypeAt(region, part(message.datatype)).bytes;
    const [version, kind] = [region.uint8(at), region.uint8(at + 1)];
    if (version !== 3 || kind !== 1) region.fail(`has ${JSON.stringify(path)} in pieces or within its header`, asKeras);
    const address = region.uint64(at + 2);
    if (length > 0 && address === undefined) region.fail(`has no data of ${JSON.stringify(path)}`);
    if (length > 0 && region.uint64(at + 10) !== length)
      region.fail(`has ${region.uint64(at + 10)} bytes of ${JSON.stringify(path)}, which needs ${length}`);
    if (length > 0) region.claim(address ?? 0, length, `the data of ${JSON.stringify(path)}`);
    this.places.set(path, { address: length > 0 ? (address ?? 0) : 0, length });
  }

  #group({ at, end }: Message, path: string, level: number): void {
    const region = this.#region;
    if (end - at !== 16) region.fail("has a group's table of another size");
    const heap = region.address(at + 8, "a group's names");
    region.signature(heap, "HEAP", "heap of names");
    if (region.uint8(heap + 4) !== 0) region.fail("has a heap of names of another version");
    const names = {
      at: region.address(heap + 24, "a group's names"),
      length: region.address(heap + 8, "a heap's end"),
    };
    region.claim(names.at, names.length, "a heap of names");
    this.#node(region.address(at, "a group's tree"), undefined, (entry) => {
      const kind = region.uint32(entry + 16);
      if (kind > 1) region.fail("has a link to a name, which Keras does not write");
      const name = this.#name(names, region.address(entry, "a name"));
      const child = path === "" ? name : `${path}/${name}`;
      if (this.places.has(child)) region.fail(`has ${JSON.stringify(child)} twice`);
      this.#object(region.address(entry + 8, "an object"), child, level + 1);
    });
  }

  #name(names: { readonly at: number; readonly length: number }, offset: number): string {
    const region = this.#region;
    const begin = names.at + offset;
    const end = region.bytes.subarray(0, names.at + names.length).indexOf(0, begin);
    if (!(offset < names.length) || end < 0 || end - begin > longestName) region.fail("has a name that does not end");
    const name = this.#decoder.decode(region.bytes.subarray(begin, end));
    this.#budget.spend(200 + 4 * name.length, "the names of its objects");
    if (refusedNames.has(name) || name.includes("/")) region.fail(`has an object called ${JSON.stringify(name)}`);
    return name;
  }

  /** A node of the tree of a group's entries; its `level` is one below that of the node above. */
  #node(address: number, level: number | undefined, visit: (entry: number) => void): void {
    const region = this.#region;
    region.signature(address, "TREE", "tree node");
    const [type, own, entries] = [region.uint8(address + 4), region.uint8(address + 5), region.uint16(address + 6)];
    if (type !== 0 || (level !== undefined && own !== level)) region.fail("has a tree node of another kind");
    region.claim(address, 32 + 16 * entries, "a tree node");
    this.#budget.spend(64 * entries, "its trees");
    for (let index = 0; index < entries; index++) {
      const child = region.address(address + 32 + 16 * index, "a tree node");
      if (own > 0) this.#node(child, own - 1, visit);
      else this.#table(child, visit);
    }
  }

  #table(address: number, visit: (entry: number) => void): void {
    const region = this.#region;
    region.signature(address, "SNOD", "table of entries");
    const entries = region.uint16(address + 6);
    region.claim(address, 8 + 40 * entries, "a table of entries");
    for (let index = 0; index < entries; index++) visit(address + 8 + 40 * index);
  }
}

/**
 * Checks all that a reader of the file would follow, and says where the numbers of each dataset lie, by path. The time that it takes, and that
 * reading takes afterwards, grow with the file's size and with nothing that the file says.
 * @throws FormatError for a file that is cut or damaged, and for one that uses more of HDF5 than h5py does by default
 */
export function checkStructure(bytes: Uint8Array, budget: Budget): Map<string, Place> {
  const walk = new Walk(bytes, budget);
  walk.file();
  return walk.places;
}
