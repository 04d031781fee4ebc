// What is wrong between a file and a model, in one error that says what to do about it.
import { FormatError, type Shape, showShape } from "@stria/core";

/** Shapes that differ. */
export interface Misshaped {
  readonly key: string;
  readonly path: string;
  readonly found: Shape;
  readonly expected: Shape;
}

export interface Faults {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly misshaped: readonly Misshaped[];
}

const mostListed = 8;

function listed(what: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const rest = items.length > mostListed ? `, and ${items.length - mostListed} more` : "";
  return [`${what}: ${items.slice(0, mostListed).join(", ")}${rest}`];
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.+*?()[\]{}|]/g, String.raw`\$&`);
}

/** A prefix that all of `names` begin with, up to a dot, without which they are `wanted`; undefined when there is none. */
function superfluousPrefix(names: readonly string[], wanted: ReadonlySet<string>): string | undefined {
  const [first = ""] = names;
  for (let dot = first.indexOf("."); dot >= 0; dot = first.indexOf(".", dot + 1)) {
    const prefix = first.slice(0, dot + 1);
    if (!names.every((name) => name.startsWith(prefix))) return undefined;
    if (names.some((name) => wanted.has(name.slice(prefix.length)))) return prefix;
  }
  return undefined;
}

function remedyOf({ missing, unexpected, misshaped }: Faults): string {
  const [wrong] = misshaped;
  if (wrong !== undefined) {
    const layer = wrong.path.split(".").slice(0, -1).join(".") || wrong.path;
    const reversed = showShape(wrong.found) === showShape(wrong.expected.toReversed());
    const hint =
      reversed && wrong.found.length > 1
        ? "if the weights are channels last, move their axes with fromChannelsLast; else "
        : "";
    return `${hint}build the model with the options that the weights were trained with; or leave ${layer} as it is with { except: ${JSON.stringify(layer)} }, or all that differ with { skipMisshaped: true }`;
  }
  const tooLong = superfluousPrefix(unexpected, new Set(missing));
  if (tooLong !== undefined)
    return `take ${JSON.stringify(tooLong)} off the keys with { rename: [[${JSON.stringify(`^${escaped(tooLong)}`)}, ""]] }`;
  const tooShort = superfluousPrefix(missing, new Set(unexpected));
  if (tooShort !== undefined)
    return `put ${JSON.stringify(tooShort)} before the keys with { rename: [["^", ${JSON.stringify(tooShort)}]] }`;
  return "check that the weights belong to this model, map their names with { rename }, or load what fits with { strict: false }";
}

/** The error that lists the faults. */
export function refusal(source: string, faults: Faults): FormatError {
  const misshaped = faults.misshaped.map(
    ({ key, path, found, expected }) =>
      `${path} is ${showShape(expected)} in the model and ${showShape(found)} in the file${key === path ? "" : `, as ${key}`}`,
  );
  const parts = [
    ...listed("missing", faults.missing),
    ...listed("unexpected", faults.unexpected),
    ...listed("of other shapes", misshaped),
  ];
  return new FormatError(source, `the weights do not fit the model; ${parts.join("; ")}`, remedyOf(faults));
}
