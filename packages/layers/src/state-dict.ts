// The state dict: every parameter and state of a model by its path, out of it and into it.
import { type Cell, FormatError, type HostTensor, type Tensor, isTensor, namedCells, showAval } from "@stria/core";

/**
 * The values of all parameters and states, by path, in the order of the fields. The tensors share the model's memory as it is now: later training
 * does not change them.
 */
export function stateDict(model: object): Map<string, Tensor> {
  return new Map([...namedCells(model)].map(([path, cell]) => [path, cell.value]));
}

export interface LoadOptions {
  /** Whether every key must be there, and no other. Default true. Shapes must fit always. */
  readonly strict?: boolean;
}

export interface LoadReport {
  /** Paths of the model that `entries` lacks: they keep their values. */
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

/**
 * Sets the parameters and states of a model from values by path: tensors, or host data as `decodeSafetensors` gives them. Everything is checked
 * before anything changes.
 * @throws FormatError that lists missing, unexpected and mis-shaped keys.
 */
export function loadStateDict(
  model: object,
  entries: ReadonlyMap<string, Tensor | HostTensor>,
  { strict = true }: LoadOptions = {},
): LoadReport {
  const cells = namedCells(model);
  const missing = [...cells.keys()].filter((path) => !entries.has(path));
  const unexpected = [...entries.keys()].filter((key) => !cells.has(key));
  const misshaped = [...cells].flatMap(([path, cell]) => {
    const value = entries.get(path);
    if (!value || showAval(value) === showAval(cell.aval)) return [];
    return [`${path} (${showAval(value)}, the model has ${showAval(cell.aval)})`];
  });
  const faults = [
    ...list("missing", strict ? missing : []),
    ...list("unexpected", strict ? unexpected : []),
    ...list("mis-shaped", misshaped),
  ];
  if (faults.length > 0)
    throw new FormatError(
      "loadStateDict",
      faults.join("; "),
      misshaped.length > 0
        ? "build the model with the options that the state dict was saved with"
        : "check that the state dict belongs to this model, or pass { strict: false } to load what fits",
    );
  for (const [path, cell] of cells) {
    const value = entries.get(path);
    if (value) put(cell, value);
  }
  return { missing, unexpected };
}
