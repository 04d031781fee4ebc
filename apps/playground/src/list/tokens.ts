// Cuts the text of a list into names, numbers, strings and marks. Nothing is ever evaluated.
import { ListFault, type Span } from "./fault.ts";

export interface Token {
  readonly kind: "name" | "number" | "string" | "mark" | "end";
  /** A string's text is without its quotes. */
  readonly text: string;
  readonly span: Span;
}

const skipped = /(?:\s|#[^\n]*|\/\/[^\n]*)+/y;
const patterns = [
  ["number", /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y],
  ["name", /[A-Za-z_]\w*/y],
  ["string", /"[^"\n]*"|'[^'\n]*'/y],
  ["mark", /[()[\]{},:=;]/y],
] as const;

function match(pattern: RegExp, text: string, from: number): string | undefined {
  pattern.lastIndex = from;
  return pattern.exec(text)?.[0];
}

/** All tokens, the last of kind `end`. @throws ListFault at a character that has no meaning in a list. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let line = 1;
  let at = 0;
  const spanOf = (length: number): Span => ({ start: at, end: at + length, line });
  while (at < text.length) {
    const space = match(skipped, text, at);
    if (space !== undefined) {
      line += space.split("\n").length - 1;
      at += space.length;
      continue;
    }
    let token: Token | undefined;
    for (const [kind, pattern] of patterns) {
      const piece = match(pattern, text, at);
      if (piece === undefined) continue;
      token = { kind, text: kind === "string" ? piece.slice(1, -1) : piece, span: spanOf(piece.length) };
      break;
    }
    if (token === undefined) {
      const quote = text[at] === '"' || text[at] === "'";
      throw new ListFault(
        quote
          ? "this string has no closing quote on its line"
          : `${JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0))} means nothing here`,
        spanOf(1),
      );
    }
    found.push(token);
    at = token.span.end;
  }
  found.push({ kind: "end", text: "", span: spanOf(0) });
  return found;
}
