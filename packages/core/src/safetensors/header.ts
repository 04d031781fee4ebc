// The header of a safetensors file: a small grammar inside JSON, read by hand, because JSON.parse hides duplicate names.
import { FormatError } from "../errors.ts";
import type { Shape } from "../tensor/aval.ts";

/** A tensor as the header states it; nothing but the syntax is checked yet. */
export interface HeaderEntry {
  readonly dtype: string;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly entries: Map<string, HeaderEntry>;
  readonly metadata: Map<string, string>;
}

const integerPattern = /0|[1-9]\d*/y;
const spacePattern = /[ \t\n\r]*/y;

/** Reads the header's text. @throws FormatError that names `source` and the place of the fault */
export function parseHeader(text: string, source: string): Header {
  let position = 0;

  function fail(fault: string): never {
    throw new FormatError(
      source,
      `the header is wrong at character ${position}: ${fault}`,
      "the file is damaged or is no safetensors file; get it again",
    );
  }

  function skipSpace(): void {
    spacePattern.lastIndex = position;
    spacePattern.test(text);
    position = spacePattern.lastIndex;
  }

  function accept(symbol: string): boolean {
    skipSpace();
    if (text[position] !== symbol) return false;
    position++;
    return true;
  }

  function expect(symbol: string): void {
    if (!accept(symbol)) fail(`expected ${symbol}`);
  }

  function readString(): string {
    expect('"');
    const start = position;
    for (;;) {
      const quote = text.indexOf('"', position);
      if (quote < 0) fail("a text does not end");
      position = quote + 1;
      let backslashes = 0;
      while (text[quote - 1 - backslashes] === "\\" && quote - backslashes > start) backslashes++;
      if (backslashes % 2 === 0) break;
    }
    try {
      return String(JSON.parse(text.slice(start - 1, position)));
    } catch {
      return fail("a text that is not JSON");
    }
  }

  function readInteger(): number {
    skipSpace();
    integerPattern.lastIndex = position;
    const [digits] = integerPattern.exec(text) ?? [];
    if (digits === undefined) return fail("expected a whole number, not negative");
    if (!Number.isSafeInteger(Number(digits))) fail(`${digits} is too large`);
    position += digits.length;
    return Number(digits);
  }

  function readIntegers(): number[] {
    const integers: number[] = [];
    expect("[");
    if (accept("]")) return integers;
    do integers.push(readInteger());
    while (accept(","));
    expect("]");
    return integers;
  }

  /** Reads an object, calling `readValue` at each value. */
  function readObject(readValue: (name: string) => void): void {
    const names = new Set<string>();
    expect("{");
    if (accept("}")) return;
    do {
      const name = readString();
      if (names.has(name)) fail(`the name ${JSON.stringify(name)} is there twice`);
      names.add(name);
      expect(":");
      readValue(name);
    } while (accept(","));
    expect("}");
  }

  function readEntry(): HeaderEntry {
    let dtype: string | undefined;
    let shape: number[] | undefined;
    let offsets: number[] | undefined;
    readObject((name) => {
      if (name === "dtype") dtype = readString();
      else if (name === "shape") shape = readIntegers();
      else if (name === "data_offsets") offsets = readIntegers();
      else fail(`a tensor has no ${JSON.stringify(name)}`);
    });
    const [begin, end] = offsets ?? [];
    if (dtype === undefined || shape === undefined || begin === undefined || end === undefined || offsets?.length !== 2)
      return fail("a tensor needs dtype, shape and two data_offsets");
    return { dtype, shape, begin, end };
  }

  const entries = new Map<string, HeaderEntry>();
  const metadata = new Map<string, string>();
  if (!text.startsWith("{")) fail("expected {");
  readObject((name) => {
    if (name === "__metadata__") readObject((key) => metadata.set(key, readString()));
    else entries.set(name, readEntry());
  });
  skipSpace();
  if (position < text.length) fail("expected nothing more");
  return { entries, metadata };
}
