// Reads a Keras-like list of layers. `conv2d(6, 5, padding=2)` and `conv2d(6, 5, { padding: 2 })` are the same; commas between layers and
// brackets around all may be left out, so that the list of a program can be pasted as it is.
import { ListFault, type Span } from "./fault.ts";
import { type Entry, type Value, readers } from "./kinds.ts";
import { type LayerSpec, isLayerName, layerSpecs } from "./layers.ts";
import { closestLayer } from "./suggest.ts";
import { type Token, tokens } from "./tokens.ts";

export const longestText = 20_000;
export const mostEntries = 100;
const deepest = 4;

const words: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
]);

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  /** Of the list itself, not of lists inside it: what faults are said to be in. */
  #entry: number | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokens(text);
  }

  document(): Entry[] {
    const wrapped = this.#peek().text === "sequential" && this.#sees("(", 1);
    if (wrapped) this.#at += 2;
    const bracketed = this.#sees("[");
    if (bracketed) this.#at++;
    const entries = this.#entries(bracketed ? "]" : wrapped ? ")" : "", 0);
    this.#entry = undefined;
    if (bracketed) this.#expect("]", "to close the list");
    if (wrapped) {
      // The options of `sequential` name the input's shape, which is known here.
      while (!this.#sees(")") && this.#peek().kind !== "end") this.#at++;
      this.#expect(")", "to close sequential(");
    }
    while (this.#sees(";")) this.#at++;
    const rest = this.#peek();
    if (rest.kind !== "end") throw this.#fault(`nothing may follow the list, and here is ${shown(rest)}`, rest.span);
    if (entries.length === 0)
      throw this.#fault("the list is empty: name a layer, such as flatten() and dense(10)", rest.span);
    return entries;
  }

  #entries(closing: string, depth: number): Entry[] {
    const entries: Entry[] = [];
    if (depth > deepest) throw this.#fault(`lists in lists may be ${deepest} deep`, this.#peek().span);
    for (;;) {
      const next = this.#peek();
      if (next.kind === "end" || this.#sees(closing)) return entries;
      if (depth === 0) this.#entry = entries.length + 1;
      if (entries.length === mostEntries) throw this.#fault(`a list may have ${mostEntries} layers`, next.span);
      entries.push(this.#layer(depth));
      if (this.#sees(",")) this.#at++;
      else if (this.#sees(";")) return entries;
    }
  }

  #layer(depth: number): Entry {
    const name = this.#take();
    if (name.kind !== "name") throw this.#fault(`a layer begins with its name, and here is ${shown(name)}`, name.span);
    if (!isLayerName(name.text)) {
      const close = closestLayer(name.text);
      throw this.#fault(
        `there is no layer ${name.text}${close === undefined ? "" : `; did you mean ${close}?`}`,
        name.span,
      );
    }
    const spec: LayerSpec = layerSpecs[name.text];
    if (!this.#sees("(")) throw this.#fault(`${name.text} needs its brackets: ${name.text}()`, name.span);
    this.#at++;
    const found = this.#arguments(name.text, spec, depth);
    const end = this.#expect(")", `to close ${name.text}(`).span.end;
    for (const missing of Object.keys(spec.arguments).slice(0, spec.required))
      if (!Object.hasOwn(found, missing))
        throw this.#fault(`${name.text} needs ${missing}: ${usage(name.text, spec)}`, { ...name.span, end });
    return {
      name: name.text,
      arguments: found,
      line: name.span.line,
      text: this.#text.slice(name.span.start, end).replaceAll(/\s+/g, " "),
    };
  }

  #arguments(layer: string, spec: LayerSpec, depth: number): Record<string, Value> {
    const found: Record<string, Value> = {};
    const names = Object.keys(spec.arguments);
    let inBraces = false;
    for (let position = 0; ;) {
      const next = this.#peek();
      if (this.#sees("}") && inBraces) {
        inBraces = false;
        this.#at++;
      } else if (this.#sees("{") && !inBraces) {
        inBraces = true;
        this.#at++;
        continue;
      } else if (next.kind === "end" || this.#sees(")")) {
        if (inBraces) throw this.#fault("} is missing", next.span);
        return found;
      } else {
        const named = next.kind === "name" && (this.#sees("=", 1) || this.#sees(":", 1));
        const name = named ? next.text : names[position++];
        if (named) this.#at += 2;
        if (name === undefined || !Object.hasOwn(spec.arguments, name))
          throw this.#fault(
            name === undefined
              ? `${layer} takes no more than this: ${usage(layer, spec)}`
              : `${layer} has no ${name}: ${usage(layer, spec)}`,
            next.span,
          );
        if (Object.hasOwn(found, name)) throw this.#fault(`${name} is given twice`, next.span);
        found[name] = this.#argument(layer, name, spec, depth);
      }
      const after = this.#peek();
      if (this.#sees(",")) this.#at++;
      else if (!this.#sees(")") && !this.#sees("}"))
        throw this.#fault(`a comma or ) is missing before ${shown(after)}`, after.span);
    }
  }

  #argument(layer: string, name: string, spec: LayerSpec, depth: number): Value {
    const start = this.#peek().span;
    const value = this.#value(depth);
    const kind = spec.arguments[name] ?? "number";
    const { is, wanted } = readers[kind];
    if (!is(value)) {
      const end = this.#tokens[this.#at - 1]?.span.end ?? start.end;
      throw this.#fault(`${name} of ${layer} must be ${wanted}, not ${this.#text.slice(start.start, end)}`, {
        ...start,
        end,
      });
    }
    return value;
  }

  #value(depth: number): Value {
    const next = this.#peek();
    if (next.kind === "number") {
      this.#at++;
      return Number(next.text);
    }
    if (next.kind === "string") {
      this.#at++;
      return next.text;
    }
    const word = next.kind === "name" ? words.get(next.text) : undefined;
    if (word !== undefined) {
      this.#at++;
      return word;
    }
    if (this.#sees("[") || this.#sees("(")) {
      this.#at++;
      const closing = next.text === "[" ? "]" : ")";
      if (this.#peek().kind === "name") {
        const layers = this.#entries(closing, depth + 1);
        this.#expect(closing, "to close the list");
        return layers;
      }
      const values: Value[] = [];
      while (!this.#sees(closing)) {
        if (depth > deepest) throw this.#fault(`lists in lists may be ${deepest} deep`, this.#peek().span);
        values.push(this.#value(depth + 1));
        if (this.#sees(",")) this.#at++;
        else if (!this.#sees(closing)) throw this.#fault(`${closing} is missing`, this.#peek().span);
      }
      this.#at++;
      return values;
    }
    throw this.#fault(
      next.kind === "name"
        ? `${next.text} is no value: numbers, "text" in quotes, true, false and lists are`
        : `a value is missing, and here is ${shown(next)}`,
      next.span,
    );
  }

  /** The token ahead; at the end, the end. */
  #peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
    return token ?? { kind: "end", text: "", span: { start: 0, end: 0, line: 1 } };
  }

  /** Whether a mark is ahead; a string of the same text is none. */
  #sees(mark: string, ahead = 0): boolean {
    const { kind, text } = this.#peek(ahead);
    return kind === "mark" && text === mark;
  }

  #take(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #expect(mark: string, why: string): Token {
    const token = this.#peek();
    if (!this.#sees(mark)) throw this.#fault(`${mark} is missing ${why}, before ${shown(token)}`, token.span);
    return this.#take();
  }

  #fault(message: string, span: Span): ListFault {
    return new ListFault(message, span, this.#entry);
  }
}

function shown({ kind, text }: Token): string {
  return kind === "end" ? "the end" : text;
}

/** How a layer is written: `conv2d(outChannels, kernel, stride=, padding=, ...)`. */
export function usage(name: string, { arguments: table, required }: LayerSpec): string {
  const parts = Object.keys(table).map((argument, index) => (index < required ? argument : `${argument}=`));
  return `${name}(${parts.join(", ")})`;
}

/** The layers of a list. @throws ListFault that says what is wrong and where. */
export function parseList(text: string): Entry[] {
  if (text.length > longestText)
    throw new ListFault(`the list is longer than ${longestText} characters`, { start: 0, end: 0, line: 1 });
  return new Parser(text).document();
}
