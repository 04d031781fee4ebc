// What TypeScript says of options in an editor, said again to programs in JavaScript: names that there are not, and words.
import { AttributeError } from "@stria/core";

/** Letters that must be added, taken away or changed to make one name of the other; how they are cased and joined does not count. */
function distance(one: string, other: string): number {
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const [from, to] = [plain(one), plain(other)];
  let row = Array.from({ length: to.length + 1 }, (_, place) => place);
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1];
    for (const [place, wanted] of Array.from(to).entries()) {
      const changed = (row[place] ?? 0) + (letter === wanted ? 0 : 1);
      next.push(Math.min(changed, (row[place + 1] ?? 0) + 1, (next[place] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** What to do about a name that there is not: the nearest one where one is near, and all of them. */
function remedy(wrong: string, known: readonly string[], what: string): string {
  const [nearest] = known
    .map((name) => ({ name, far: distance(wrong, name) }))
    .filter(({ name, far }) => far <= Math.max(1, Math.min(wrong.length, name.length) / 3))
    .toSorted((a, b) => a.far - b.far);
  const list = known.length > 0 ? `${what} are ${known.join(", ")}` : "leave it out: there are none";
  return nearest ? `use ${nearest.name}; ${list}` : list;
}

function shown(value: unknown): string {
  if (typeof value === "function") return value.name === "" ? "a function" : `the function ${value.name}`;
  return typeof value === "object" && value !== null ? value.constructor.name : JSON.stringify(value);
}

/**
 * Refuses options that are no object, and names that are not among `known`, whose values do not count: pass what the options were taken apart into. What is
 * undefined counts as not given.
 * @throws AttributeError that names the nearest one, and all.
 * @example
 * const { stride = 1, padding = 0 } = options;
 * checkOptions("MyLayer", options, { stride, padding });
 */
export function checkOptions<Options extends object>(
  subject: string,
  options: Options,
  known: Readonly<Record<keyof Options & string, unknown>>,
): void {
  const names = Object.keys(known);
  const given: unknown = options;
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new AttributeError(
      subject,
      `${shown(given)} stands where the options should`,
      `pass them by name, as { ${names[0] ?? ""}: ... }; they are ${names.join(", ")}`,
    );
  for (const [name, value] of Object.entries(given))
    if (value !== undefined && !Object.hasOwn(known, name))
      throw new AttributeError(subject, `there is no option "${name}"`, remedy(name, names, "the options"));
}

function isWordOf<Word extends string>(table: Readonly<Record<Word, unknown>>, word: unknown): word is Word {
  return typeof word === "string" && Object.hasOwn(table, word);
}

/**
 * What a table has for one of its words. @throws AttributeError for another word, and for what is none: it names the option, the nearest word, and all.
 */
export function wordOf<Word extends string, Value>(
  subject: string,
  option: string,
  word: unknown,
  table: Readonly<Record<Word, Value>>,
): Value {
  if (isWordOf(table, word)) return table[word];
  const words = Object.keys(table).map((one) => JSON.stringify(one));
  throw new AttributeError(
    subject,
    `${option} is ${shown(word)}`,
    remedy(typeof word === "string" ? JSON.stringify(word) : "", words, "the words"),
  );
}
