// The pickle machine (Python's pickletools.py says what each opcode does), with what PyTorch's files need and nothing that runs code:
// a name means what Globals says or is refused.
import type { Budget } from "../budget.ts";
import { damaged, refuse } from "../fault.ts";
import { checkKey, type Globals } from "./globals.ts";
import { describeItem, Global, type Item, type PyTorchKey } from "./values.ts";

const newestProtocol = 5;
const longestInteger = 1024; // bytes

/** A pickle's value, and where the pickle ends. */
export interface Unpickled {
  readonly value: Item;
  readonly end: number;
}

/** The state of a pickle that is being read. */
class Machine {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly budget: Budget;
  readonly globals: Globals;
  readonly memo: Map<number, Item> = new Map();
  at: number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #stack: Item[] = [];
  readonly #outer: Item[][] = []; // the stacks below the marks

  constructor(bytes: Uint8Array, at: number, globals: Globals, budget: Budget) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.globals = globals;
    this.budget = budget;
  }

  fail(fault: string): never {
    return refuse(this.budget.source, `the pickle is wrong at byte ${this.at}: ${fault}`, damaged);
  }

  /** Where the next `length` bytes begin; they are passed. */
  skip(length: number): number {
    if (!(length >= 0 && this.at + length <= this.bytes.length))
      this.fail(`it needs ${length} bytes more than are there`);
    this.at += length;
    return this.at - length;
  }

  uint8(): number {
    return this.view.getUint8(this.skip(1));
  }

  uint32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  uint64(): number {
    return Number(this.view.getBigUint64(this.skip(8), true));
  }

  take(length: number): Uint8Array {
    const from = this.skip(length);
    return this.bytes.subarray(from, from + length);
  }

  /** A copy of the next `length` bytes. */
  copy(length: number): Uint8Array {
    this.budget.spend(100 + length, "its bytes");
    return this.take(length).slice();
  }

  text(length: number): string {
    const bytes = this.take(length);
    this.budget.spend(32 + 2 * length, "its texts");
    try {
      return this.#decoder.decode(bytes);
    } catch {
      return this.fail("a text is not UTF-8");
    }
  }

  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) this.fail("a line does not end");
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  push(item: Item): void {
    this.budget.spend(16, "its values");
    this.#stack.push(item);
  }

  pop(): Item {
    const item = this.#stack.pop(); // never undefined while there is one: None is null
    return item === undefined ? this.fail("the stack is empty") : item;
  }

  top(): Item {
    const item = this.#stack.at(-1);
    return item === undefined ? this.fail("the stack is empty") : item;
  }

  mark(): void {
    this.budget.spend(64, "its marks");
    this.#outer.push(this.#stack);
    this.#stack = [];
  }

  /** What was pushed since the mark. */
  popMark(): Item[] {
    const items = this.#stack;
    this.#stack = this.#outer.pop() ?? this.fail("there is no mark");
    return items;
  }

  tuple(count: number): void {
    const items: Item[] = [];
    for (let index = 0; index < count; index++) items.unshift(this.pop());
    this.pushTuple(items);
  }

  pushTuple(items: Item[]): void {
    this.budget.spend(48, "its tuples");
    Object.freeze(items);
    this.push(items);
  }

  pushList(items: Item[]): void {
    this.budget.spend(200, "its lists"); // room for 17 items comes with the first
    this.push(items);
  }

  append(items: readonly Item[]): void {
    const list = this.top();
    if (!Array.isArray(list) || Object.isFrozen(list))
      return this.fail(`${describeItem(list)} is no list to append to`);
    for (const item of items) list.push(item);
  }

  pushDict(items: readonly Item[]): void {
    this.budget.spend(256, "its dicts");
    const dict = new Map<PyTorchKey, Item>();
    this.push(dict);
    this.setItems(items);
  }

  setItems(items: readonly Item[]): void {
    const dict = this.top();
    if (!(dict instanceof Map)) return this.fail(`${describeItem(dict)} is no dict`);
    if (items.length % 2 !== 0) this.fail("a key has no value");
    this.budget.spend(32 * items.length, "its dicts");
    for (let index = 0; index < items.length; index += 2)
      dict.set(checkKey(items[index] ?? null, this.budget.source), items[index + 1] ?? null);
  }

  put(index: number): void {
    this.budget.spend(48, "its memo");
    this.memo.set(index, this.top());
  }

  get(index: number): void {
    const item = this.memo.get(index);
    if (item === undefined) return this.fail(`the memo has no ${index}`);
    this.push(item);
  }

  integer(length: number): void {
    if (length > longestInteger) this.fail(`an integer has ${length} bytes`);
    let digits = "";
    for (const byte of this.take(length)) digits = byte.toString(16).padStart(2, "0") + digits;
    const integer = BigInt.asIntN(8 * length, BigInt(`0x${digits}0`) >> 4n);
    const number = Number(integer);
    this.budget.spend(length, "its integers");
    this.push(Number.isSafeInteger(number) ? number : integer);
  }

  reduce(): void {
    const args = this.pop();
    const called = this.pop();
    if (!(called instanceof Global) || called.build === undefined || !Array.isArray(args))
      return this.fail(`${describeItem(called)} is called with ${describeItem(args)}`);
    this.push(called.build(args));
  }

  /** PyTorch hangs the modules' versions on a state dict; nothing else may be set. */
  build(): void {
    const state = this.pop();
    const target = this.top();
    if (!(target instanceof Map) || !(state instanceof Map) || [...state.keys()].some((key) => key !== "_metadata"))
      this.fail(`attributes are set on ${describeItem(target)}`);
  }

  refused(name: string): never {
    return this.fail(`the opcode ${name} is refused: it makes objects of classes`);
  }
}

type Rule = (machine: Machine) => void;

const code = (symbol: string): number => symbol.charCodeAt(0);

const rules: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [0x80, (m) => void (m.uint8() > newestProtocol && m.fail("it has an unknown protocol"))], // PROTO
  [0x95, (m) => void m.skip(8)], // FRAME: its length is of no use here
  [code("("), (m) => m.mark()],
  [code("0"), (m) => void m.pop()],
  [code("1"), (m) => void m.popMark()],
  [code("2"), (m) => m.push(m.top())],
  [code("N"), (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  [code("J"), (m) => m.push(m.view.getInt32(m.skip(4), true))],
  [code("K"), (m) => m.push(m.uint8())],
  [code("M"), (m) => m.push(m.view.getUint16(m.skip(2), true))],
  [0x8a, (m) => m.integer(m.uint8())], // LONG1
  [0x8b, (m) => m.integer(m.uint32())], // LONG4
  [code("G"), (m) => m.push(m.view.getFloat64(m.skip(8)))],
  [code("T"), (m) => m.push(m.text(m.uint32()))], // BINSTRING and the next: Python 2's
  [code("U"), (m) => m.push(m.text(m.uint8()))],
  [code("X"), (m) => m.push(m.text(m.uint32()))],
  [0x8c, (m) => m.push(m.text(m.uint8()))], // SHORT_BINUNICODE
  [0x8d, (m) => m.push(m.text(m.uint64()))], // BINUNICODE8
  [code("B"), (m) => m.push(m.copy(m.uint32()))],
  [code("C"), (m) => m.push(m.copy(m.uint8()))],
  [0x8e, (m) => m.push(m.copy(m.uint64()))], // BINBYTES8
  [0x96, (m) => m.push(m.copy(m.uint64()))], // BYTEARRAY8
  [code("]"), (m) => m.pushList([])],
  [code("l"), (m) => m.pushList(m.popMark())],
  [code("a"), (m) => m.append([m.pop()])],
  [code("e"), (m) => m.append(m.popMark())],
  [code(")"), (m) => m.pushTuple([])],
  [code("t"), (m) => m.pushTuple(m.popMark())],
  [0x85, (m) => m.tuple(1)],
  [0x86, (m) => m.tuple(2)],
  [0x87, (m) => m.tuple(3)],
  [code("}"), (m) => m.pushDict([])],
  [code("d"), (m) => m.pushDict(m.popMark())],
  [code("s"), (m) => m.setItems([m.pop(), m.pop()].toReversed())],
  [code("u"), (m) => m.setItems(m.popMark())],
  [code("q"), (m) => m.put(m.uint8())],
  [code("r"), (m) => m.put(m.uint32())],
  [0x94, (m) => m.put(m.memo.size)], // MEMOIZE
  [code("h"), (m) => m.get(m.uint8())],
  [code("j"), (m) => m.get(m.uint32())],
  [code("c"), (m) => m.push(m.globals.find(m.line(), m.line()))],
  [
    0x93, // STACK_GLOBAL
    (m) => {
      const [name, module] = [m.pop(), m.pop()];
      if (typeof name !== "string" || typeof module !== "string") return m.fail("a name is no text");
      m.push(m.globals.find(module, name));
    },
  ],
  [code("Q"), (m) => m.push(m.globals.storage(m.pop()))],
  [code("R"), (m) => m.reduce()],
  [code("b"), (m) => m.build()],
  [
    code("i"),
    (m) => {
      m.globals.find(m.line(), m.line()); // names what is refused
      m.refused("INST");
    },
  ],
  [code("o"), (m) => m.refused("OBJ")],
  [0x81, (m) => m.refused("NEWOBJ")],
  [0x92, (m) => m.refused("NEWOBJ_EX")],
  [0x82, (m) => m.refused("EXT1")],
  [0x83, (m) => m.refused("EXT2")],
  [0x84, (m) => m.refused("EXT4")],
]);

const stop = code(".");

/** Reads the pickle that begins at byte `at`. @throws FormatError for all that is not plain data and tensors, and for a broken pickle */
export function unpickle(bytes: Uint8Array, at: number, globals: Globals, budget: Budget): Unpickled {
  const machine = new Machine(bytes, at, globals, budget);
  for (;;) {
    const opcode = machine.uint8();
    if (opcode === stop) return { value: machine.pop(), end: machine.at };
    const rule = rules.get(opcode);
    if (rule === undefined) machine.fail(`the opcode 0x${opcode.toString(16)} is not read: it is of no state dict`);
    rule?.(machine);
  }
}
