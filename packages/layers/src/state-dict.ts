// The state dict: every parameter and state of a model by its path, out of it and into it.
import {
  type Cell,
  FormatError,
  type HostTensor,
  type Tensor,
  cellPaths,
  isTensor,
  showAval,
  sizeOf,
} from "@stria/core";

/**
 * The values of all parameters and states, by path, in the order of the fields; what is shared is there under each of its paths, as in PyTorch. The
 * tensors share the model's memory as it is now: later training does not change them.
 */
export function stateDict(model: object): Map<string, Tensor> {
  return new Map([...cellPaths(model)].map(([path, cell]) => [path, cell.value]));
}

export interface LoadOptions {
  /** Whether every key must be there, and no other. Default true. Shapes must fit always. */
  readonly strict?: boolean;
}

export interface LoadReport {
  /** Paths of the model that `entries` lacks: they keep their values. What is shared is not missing where one of its paths is there. */
  readonly missing: readonly string[];
  /** Keys of `entries` that the model has not: they are left out. */
  readonly unexpected: readonly string[];
}

const mostListed = 8;

function list(what: string, keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  const rest = keys.length > mostListed ? `, and ${keys.length - mostListed} more` : "";
  return [`${what}: ${keys.slice(0, mostListed).join(", ")}${rest}`];
}

function put(cell: Cell, value: Tensor | HostTensor): void {
  if (isTensor(value)) cell.set(value);
  else cell.load(value.data);
}

/** Whether two entries for the same cell differ, as far as the host can tell. */
function differ(a: Tensor | HostTensor, b: Tensor | HostTensor): boolean {
  if (isTensor(a) || isTensor(b) || a.data === b.data) return false;
  const { data } = b;
  return a.data.some((value, index) => !Object.is(value, data[index]));
}

/**
 * Sets the parameters and states of a model from values by path: tensors, or host data as `decodeSafetensors` gives them. Everything is checked
 * before anything changes. What is shared may be there under any of its paths, or under all; the last counts, as in PyTorch.
 * @throws FormatError that lists missing, unexpected and mis-shaped keys, and shared ones whose values differ.
 */
export function loadStateDict(
  model: object,
  entries: ReadonlyMap<string, Tensor | HostTensor>,
  { strict = true }: LoadOptions = {},
): LoadReport {
  const handed: unknown = entries; // what JavaScript may pass
  if (typeof handed !== "object" || handed === null || !("get" in handed && "keys" in handed))
    throw new FormatError("loadStateDict", "the state dict is no Map", "pass what stateDict or a decoder gave");
  const cells = cellPaths(model);
  const given = new Map<Cell, { readonly path: string; readonly value: Tensor | HostTensor }>();
  const [misshaped, contradictory]: [string[], string[]] = [[], []];
  for (const [path, cell] of cells) {
    const value = entries.get(path);
    if (!value) continue;
    if (isTensor(value) && value.isDisposed) misshaped.push(`${path} (disposed)`);
    else if (!isTensor(value) && value.data.length !== sizeOf(value.shape))
      misshaped.push(`${path} (${value.data.length} numbers for ${showAval(value)})`);
    else if (showAval(value) !== showAval(cell.aval))
      misshaped.push(`${path} (${showAval(value)}, the model has ${showAval(cell.aval)})`);
    const before = given.get(cell);
    if (before && differ(before.value, value)) contradictory.push(`${before.path} and ${path}`);
    given.set(cell, { path, value });
  }
  const missing = [...cells].flatMap(([path, cell]) => (given.has(cell) ? [] : [path]));
  const unexpected = [...entries.keys()].filter((key) => !cells.has(key));
  const faults = [
    ...list("missing", strict ? missing : []),
    ...list("unexpected", strict ? unexpected : []),
    ...list("mis-shaped", misshaped),
    ...list("shared in the model, with different values", contradictory),
  ];
  if (faults.length > 0)
    throw new FormatError(
      "loadStateDict",
      faults.join("; "),
      misshaped.length + contradictory.length > 0
        ? "build the model with the options that the state dict was saved with"
        : "check that the state dict belongs to this model, or pass { strict: false } to load what fits",
    );
  for (const [cell, { value }] of given) put(cell, value);
  return { missing, unexpected };
}
