// Builds the body of one WebAssembly function. Instructions carry their text-format names; every method appends and returns the builder.
import { pushFloat32, pushFloat64, pushSigned, pushSigned64, pushUnsigned, pushWords } from "./bytes.ts";
import {
  atomicMemory,
  plainMemory,
  plainOpcodes,
  simdLane,
  simdLaneMemory,
  simdMemory,
  simdOpcodes,
  type AtomicMemory,
  type PlainMemory,
  type PlainOpcode,
  type SimdLane,
  type SimdLaneMemory,
  type SimdMemory,
  type SimdOpcode,
} from "./opcodes.ts";

export const valueTypes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof valueTypes;

/** The index of a parameter or a local of a function. */
export type Local = number;

type Instruction = PlainOpcode | SimdOpcode;

/** The type of a block that takes and leaves nothing. */
const emptyType = 0x40;

/** What stands before the number of an instruction: of SIMD, of threads. */
const simdPrefix = 0xfd;
const threadsPrefix = 0xfe;

const plainNumbers: ReadonlyMap<string, number> = /* @__PURE__ */ new Map(Object.entries(plainOpcodes));
const simdNumbers: ReadonlyMap<string, number> = /* @__PURE__ */ new Map(Object.entries(simdOpcodes));

function isPlainMemory(name: PlainMemory | SimdMemory): name is PlainMemory {
  return name in plainMemory;
}

/** The four 32-bit words of a vector. */
type Words = readonly [number, number, number, number];

function pushVector(code: number[], words: Words): void {
  code.push(simdPrefix, 0x0c);
  pushWords(code, words);
}

export class FunctionBuilder {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly #parameters: number;
  readonly #locals: ValueType[] = [];
  /** A plain list, and few calls for each instruction: in a process that has just begun all this is interpreted. */
  readonly #code: number[] = [];
  /** Vectors that are made once, when the function is entered. */
  readonly #constants = new Map<string, { readonly local: Local; readonly words: Words }>();

  constructor(index: number, name: string, type: number, parameters: number) {
    this.index = index;
    this.name = name;
    this.type = type;
    this.#parameters = parameters;
  }

  local(type: ValueType): Local {
    return this.#parameters + this.#locals.push(type) - 1;
  }

  get(local: Local): this {
    this.#indexed(0x20, local);
    return this;
  }

  set(local: Local): this {
    this.#indexed(0x21, local);
    return this;
  }

  tee(local: Local): this {
    this.#indexed(0x22, local);
    return this;
  }

  i32(value: number): this {
    this.#code.push(0x41);
    pushSigned(this.#code, value);
    return this;
  }

  i64(value: number): this {
    this.#code.push(0x42);
    pushSigned64(this.#code, value);
    return this;
  }

  f32(value: number): this {
    this.#code.push(0x43);
    pushFloat32(this.#code, value);
    return this;
  }

  f64(value: number): this {
    this.#code.push(0x44);
    pushFloat64(this.#code, value);
    return this;
  }

  /** A vector constant, from its four 32-bit words. */
  v128(words: Words): this {
    pushVector(this.#code, words);
    return this;
  }

  /** The same from a local that is set when the function is entered: an engine makes a constant by several instructions wherever it stands. */
  constant(words: Words): this {
    // Zeros are one instruction.
    if (words.every((word) => word === 0)) return this.v128(words);
    const key = words.join();
    let entry = this.#constants.get(key);
    if (!entry) {
      entry = { local: this.local("v128"), words };
      this.#constants.set(key, entry);
    }
    return this.get(entry.local);
  }

  op(...names: readonly Instruction[]): this {
    for (let index = 0; index < names.length; index++) {
      const name = names[index] ?? "unreachable";
      const number = plainNumbers.get(name);
      if (number === undefined) {
        this.#code.push(simdPrefix);
        pushUnsigned(this.#code, simdNumbers.get(name) ?? 0);
      } else this.#code.push(number);
    }
    return this;
  }

  /** Adds `local * scale` to the i32 on the stack: the address of an element. */
  plus(local: Local, scale: number): this {
    return scale === 1 ? this.get(local).op("i32.add") : this.get(local).i32(scale).op("i32.mul", "i32.add");
  }

  /** A load or store at a constant byte offset from the address on the stack. */
  memory(name: PlainMemory | SimdMemory, offset = 0): this {
    if (isPlainMemory(name)) this.#code.push(...plainMemory[name]);
    else this.#code.push(simdPrefix, ...simdMemory[name]);
    pushUnsigned(this.#code, offset);
    return this;
  }

  /** A load or store of one lane of a vector. */
  laneMemory(name: SimdLaneMemory, lane: number, offset = 0): this {
    this.#code.push(simdPrefix, ...simdLaneMemory[name]);
    pushUnsigned(this.#code, offset);
    this.#code.push(lane);
    return this;
  }

  lane(name: SimdLane, lane: number): this {
    this.#code.push(simdPrefix, simdLane[name], lane);
    return this;
  }

  atomic(name: AtomicMemory, offset = 0): this {
    this.#code.push(threadsPrefix, ...atomicMemory[name]);
    pushUnsigned(this.#code, offset);
    return this;
  }

  /** Chooses four 32-bit lanes from two vectors: 0-3 the first, 4-7 the second. */
  shuffle(a: number, b: number, c: number, d: number): this {
    this.#code.push(simdPrefix, 0x0d);
    for (const lane of [a, b, c, d]) this.#code.push(lane * 4, lane * 4 + 1, lane * 4 + 2, lane * 4 + 3);
    return this;
  }

  call(callee: FunctionBuilder): this {
    this.#indexed(0x10, callee.index);
    return this;
  }

  /** Calls the function of table 0 whose index is on the stack. */
  callIndirect(type: number): this {
    this.#indexed(0x11, type);
    this.#code.push(0);
    return this;
  }

  /** `br 0` inside leaves the block. */
  block(body: () => void): this {
    this.#code.push(0x02, emptyType);
    body();
    this.#code.push(0x0b);
    return this;
  }

  /** `br 0` inside goes back to its start. */
  loop(body: () => void): this {
    this.#code.push(0x03, emptyType);
    body();
    this.#code.push(0x0b);
    return this;
  }

  /** Takes the condition from the stack. */
  if(then: () => void, otherwise?: () => void): this {
    this.#code.push(0x04, emptyType);
    then();
    if (otherwise) {
      this.#code.push(0x05);
      otherwise();
    }
    this.#code.push(0x0b);
    return this;
  }

  branch(depth: number): this {
    this.#indexed(0x0c, depth);
    return this;
  }

  branchIf(depth: number): this {
    this.#indexed(0x0d, depth);
    return this;
  }

  /** `for (variable = <on the stack>; variable < end; variable += step)`, unsigned; `end` pushes an i32. */
  for(variable: Local, end: () => void, step: number, body: () => void): this {
    // Flat, where `block` and `loop` would do: it is the most called of all that takes functions.
    this.set(variable).#code.push(0x02, emptyType, 0x03, emptyType);
    this.get(variable);
    end();
    this.op("i32.ge_u").branchIf(1);
    body();
    this.get(variable).i32(step).op("i32.add").set(variable).branch(0);
    this.#code.push(0x0b, 0x0b);
    return this;
  }

  /** The function as it stands in a module: locals first, then code. */
  encode(): readonly (readonly number[])[] {
    const head: number[] = [];
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    pushUnsigned(head, runs.length);
    for (const { type, count } of runs) {
      pushUnsigned(head, count);
      head.push(valueTypes[type]);
    }
    for (const { local, words } of this.#constants.values()) {
      pushVector(head, words);
      head.push(0x21);
      pushUnsigned(head, local);
    }
    return [head, this.#code, [0x0b]];
  }

  /** An instruction with the index of something, most often a small one. */
  #indexed(instruction: number, index: number): void {
    if (index < 0x80) this.#code.push(instruction, index);
    else {
      this.#code.push(instruction);
      pushUnsigned(this.#code, index);
    }
  }
}
