// Builds the body of one WebAssembly function. Instructions carry their text-format names; every method appends and returns the builder.
import { ByteWriter } from "./bytes.ts";
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

function isPlain(name: Instruction): name is PlainOpcode {
  return name in plainOpcodes;
}

function isPlainMemory(name: PlainMemory | SimdMemory): name is PlainMemory {
  return name in plainMemory;
}

/** The four 32-bit words of a vector. */
type Words = readonly [number, number, number, number];

function writeVector(code: ByteWriter, words: Words): ByteWriter {
  return code
    .byte(0xfd)
    .unsigned(0x0c)
    .bytes(new Uint8Array(new Int32Array(words).buffer));
}

export class FunctionBuilder {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly #parameters: number;
  readonly #locals: ValueType[] = [];
  readonly #code: ByteWriter = new ByteWriter();
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
    this.#code.byte(0x20).unsigned(local);
    return this;
  }

  set(local: Local): this {
    this.#code.byte(0x21).unsigned(local);
    return this;
  }

  tee(local: Local): this {
    this.#code.byte(0x22).unsigned(local);
    return this;
  }

  i32(value: number): this {
    this.#code.byte(0x41).signed(value);
    return this;
  }

  i64(value: number): this {
    this.#code.byte(0x42).signed64(value);
    return this;
  }

  f32(value: number): this {
    this.#code.byte(0x43).float32(value);
    return this;
  }

  f64(value: number): this {
    this.#code.byte(0x44).float64(value);
    return this;
  }

  /** A vector constant, from its four 32-bit words. */
  v128(words: Words): this {
    writeVector(this.#code, words);
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
    for (const name of names) {
      if (isPlain(name)) this.#code.byte(plainOpcodes[name]);
      else this.#code.byte(0xfd).unsigned(simdOpcodes[name]);
    }
    return this;
  }

  /** Adds `local * scale` to the i32 on the stack: the address of an element. */
  plus(local: Local, scale: number): this {
    return scale === 1 ? this.get(local).op("i32.add") : this.get(local).i32(scale).op("i32.mul", "i32.add");
  }

  /** A load or store at a constant byte offset from the address on the stack. */
  memory(name: PlainMemory | SimdMemory, offset = 0): this {
    const [opcode, align] = isPlainMemory(name) ? plainMemory[name] : simdMemory[name];
    if (!isPlainMemory(name)) this.#code.byte(0xfd);
    this.#code.unsigned(opcode).unsigned(align).unsigned(offset);
    return this;
  }

  /** A load or store of one lane of a vector. */
  laneMemory(name: SimdLaneMemory, lane: number, offset = 0): this {
    const [opcode, align] = simdLaneMemory[name];
    this.#code.byte(0xfd).unsigned(opcode).unsigned(align).unsigned(offset).byte(lane);
    return this;
  }

  lane(name: SimdLane, lane: number): this {
    this.#code.byte(0xfd).unsigned(simdLane[name]).byte(lane);
    return this;
  }

  atomic(name: AtomicMemory, offset = 0): this {
    const [opcode, align] = atomicMemory[name];
    this.#code.byte(0xfe).unsigned(opcode).unsigned(align).unsigned(offset);
    return this;
  }

  /** Chooses four 32-bit lanes from two vectors: 0-3 the first, 4-7 the second. */
  shuffle(a: number, b: number, c: number, d: number): this {
    this.#code.byte(0xfd).unsigned(0x0d);
    for (const lane of [a, b, c, d]) for (let byte = 0; byte < 4; byte++) this.#code.byte(lane * 4 + byte);
    return this;
  }

  call(callee: FunctionBuilder): this {
    this.#code.byte(0x10).unsigned(callee.index);
    return this;
  }

  /** Calls the function of table 0 whose index is on the stack. */
  callIndirect(type: number): this {
    this.#code.byte(0x11).unsigned(type).unsigned(0);
    return this;
  }

  /** `br 0` inside leaves the block. */
  block(body: () => void): this {
    this.#code.byte(0x02).byte(0x40);
    body();
    this.#code.byte(0x0b);
    return this;
  }

  /** `br 0` inside goes back to its start. */
  loop(body: () => void): this {
    this.#code.byte(0x03).byte(0x40);
    body();
    this.#code.byte(0x0b);
    return this;
  }

  /** Takes the condition from the stack. */
  if(then: () => void, otherwise?: () => void): this {
    this.#code.byte(0x04).byte(0x40);
    then();
    if (otherwise) {
      this.#code.byte(0x05);
      otherwise();
    }
    this.#code.byte(0x0b);
    return this;
  }

  branch(depth: number): this {
    this.#code.byte(0x0c).unsigned(depth);
    return this;
  }

  branchIf(depth: number): this {
    this.#code.byte(0x0d).unsigned(depth);
    return this;
  }

  /** `for (variable = <on the stack>; variable < end; variable += step)`, unsigned; `end` pushes an i32. */
  for(variable: Local, end: () => void, step: number, body: () => void): this {
    this.set(variable);
    return this.block(() =>
      this.loop(() => {
        this.get(variable);
        end();
        this.op("i32.ge_u").branchIf(1);
        body();
        this.get(variable).i32(step).op("i32.add").set(variable).branch(0);
      }),
    );
  }

  encode(): ByteWriter {
    const out = new ByteWriter();
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    out.unsigned(runs.length);
    for (const { type, count } of runs) out.unsigned(count).byte(valueTypes[type]);
    for (const { local, words } of this.#constants.values()) writeVector(out, words).byte(0x21).unsigned(local);
    return out.bytes(this.#code.view()).byte(0x0b);
  }
}
