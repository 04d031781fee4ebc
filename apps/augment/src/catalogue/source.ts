// Values and calls as the code that makes them.

/** Code, and the functions that it calls. */
export interface Source {
  readonly text: string;
  readonly names: readonly string[];
}

/** How transforms that are arguments of others were made. */
const written = new WeakMap<object, Source>();

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** A value as a literal; transforms as the calls that made them. */
function literal(value: unknown): Source {
  if (Array.isArray(value)) return joined(value.map(literal), (texts) => `[${texts.join(", ")}]`);
  if (!isRecord(value)) return { text: JSON.stringify(value), names: [] };
  const known = written.get(value);
  if (known) return known;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  if (entries.length === 0) return { text: "{}", names: [] };
  return joined(
    entries.map(([, one]) => literal(one)),
    (texts) => `{ ${entries.map(([name], index) => `${name}: ${texts[index] ?? ""}`).join(", ")} }`,
  );
}

function joined(sources: readonly Source[], join: (texts: readonly string[]) => string): Source {
  return { text: join(sources.map(({ text }) => text)), names: sources.flatMap(({ names }) => names) };
}

/** The code of a call. Options that are empty are left out. */
export function callSource(name: string, given: readonly unknown[]): Source {
  const args = given.map(literal).filter(({ text }) => text !== "{}");
  const { text, names } = joined(args, (texts) => `${name}(${texts.join(", ")})`);
  return { text, names: [name, ...names] };
}

/** Makes what is an argument of another transform, and remembers how. */
export function nested<Args extends readonly unknown[], Made extends object>(
  name: string,
  maker: (...args: Args) => Made,
  ...args: Args
): Made {
  const made = maker(...args);
  written.set(made, callSource(name, args));
  return made;
}
