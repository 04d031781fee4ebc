// The header of a .npy file: a Python dict of three literals, read by hand; it is never evaluated (NumPy's format.py, NEP 1).
import type { Shape } from "@stria/core";
import { refuse } from "../fault.ts";

/** An array as its header states it; nothing but the syntax is checked. */
export interface NpyHeader {
  /** NumPy's name of the element type: "<f4". */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: Shape;
}

const mostDimensions = 64; // NumPy's own limit

const literal = {
  space: /[ \t\n\r\f]*/y,
  text: /'([^'\\\n]*)'|"([^"\\\n]*)"/y,
  truth: /True|False/y,
  whole: /(0|[1-9]\d*)L?/y, // Python 2 wrote an L behind long integers
};

/** Reads the header's text. @throws FormatError that names `source` and the place of the fault */
export function parseNpyHeader(text: string, source: string): NpyHeader {
  let position = 0;

  function fail(fault: string): never {
    return refuse(source, `the header is wrong at character ${position}: ${fault}`);
  }

  function match(pattern: RegExp): RegExpExecArray | undefined {
    literal.space.lastIndex = position;
    literal.space.test(text);
    position = literal.space.lastIndex;
    pattern.lastIndex = position;
    const found = pattern.exec(text);
    if (found === null) return undefined;
    position = pattern.lastIndex;
    return found;
  }

  const accept = (symbol: RegExp): boolean => match(symbol) !== undefined;

  function expect(symbol: RegExp, what: string): void {
    if (!accept(symbol)) fail(`expected ${what}`);
  }

  function readText(what: string): string {
    const [, single, double] = match(literal.text) ?? fail(`expected ${what}, a text`);
    return single ?? double ?? "";
  }

  function readShape(): number[] {
    const lengths: number[] = [];
    expect(/\(/y, "a tuple");
    while (!accept(/\)/y)) {
      const [, digits] = match(literal.whole) ?? fail("expected a whole number, not negative");
      const length = Number(digits);
      if (!Number.isSafeInteger(length)) fail(`${digits} is too large`);
      lengths.push(length);
      if (lengths.length > mostDimensions) fail(`more than ${mostDimensions} dimensions`);
      if (accept(/,/y)) continue;
      expect(/\)/y, ")");
      break;
    }
    return lengths;
  }

  function readDescr(): string {
    if (accept(/\[/y))
      return refuse(source, "its elements are structures of several fields", "save each field as an array of its own");
    return readText("the type of its elements");
  }

  let descr: string | undefined;
  let fortranOrder: boolean | undefined;
  let shape: Shape | undefined;
  expect(/\{/y, "{");
  while (!accept(/\}/y)) {
    const name = readText("a name");
    expect(/:/y, ":");
    if (name === "descr" && descr === undefined) descr = readDescr();
    else if (name === "fortran_order" && fortranOrder === undefined)
      fortranOrder = (match(literal.truth) ?? fail("expected True or False"))[0] === "True";
    else if (name === "shape" && shape === undefined) shape = readShape();
    else fail(`there is no ${JSON.stringify(name)} in a header, or it is there twice`);
    if (accept(/,/y)) continue;
    expect(/\}/y, "}");
    break;
  }
  match(/$/y);
  if (position < text.length) fail("expected nothing more");
  if (descr === undefined || fortranOrder === undefined || shape === undefined)
    return fail("it needs descr, fortran_order and shape");
  return { descr, fortranOrder, shape };
}
