// What is wrong with a listed net, and where in the text.

/** A place in the text: `start` and `end` are offsets, `line` counts from 1. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

export class ListFault extends Error {
  readonly span: Span;
  /** The entry at fault, counted from 1; undefined where the text is no list at all. */
  readonly entry: number | undefined;

  constructor(message: string, span: Span, entry?: number) {
    super(message);
    this.name = "ListFault";
    this.span = span;
    this.entry = entry;
  }
}
