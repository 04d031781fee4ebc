// Weights of any reader into a model: renamed, converted, and checked before anything changes.
import {
  AttributeError,
  type Cell,
  cellPaths,
  FormatError,
  type HostTensor,
  isTensor,
  pathPattern,
  sameShape,
  type Shape,
  type StoredTensor,
  type Tensor,
} from "@stria/core";
import { decodeStored } from "@stria/core/safetensors";
import { loadStateDict, type PathPatterns } from "@stria/layers";
import { isTensorSource, type TensorSource } from "../tensor-source.ts";
import { converted } from "./convert.ts";
import { type Misshaped, refusal } from "./faults.ts";
import { renamed, type Renaming } from "./rename.ts";

type Value = StoredTensor | HostTensor | Tensor;

/** Tensors by name as readers give them: a map, a file with one, or a file whose tensors are read when they are asked for. */
export type Weights =
  | ReadonlyMap<string, Value>
  | { readonly source: string; readonly tensors: ReadonlyMap<string, Value> }
  | TensorSource;

export interface LoadWeightsOptions {
  /** From the keys of the file to the paths of the model. */
  readonly rename?: Renaming | undefined;
  /** Whether every path of the model must be there, and no other. Default true. `num_batches_tracked` may always be missing: older files have none. */
  readonly strict?: boolean;
  /** Paths of the model that keep their values, whatever the file has for them: `"fc"`, where a head tells other classes apart. */
  readonly except?: PathPatterns;
  /** Whether tensors of other shapes than the model's are left out instead of being an error. Default false. */
  readonly skipMisshaped?: boolean;
}

export interface LoadWeightsReport {
  /** Paths of the model that were set. */
  readonly used: readonly string[];
  /** Paths of the model that nothing was found for: they keep their values. */
  readonly missing: readonly string[];
  /** Keys of the file that were not used. */
  readonly left: readonly string[];
  /** Keys of the file that were used under another name, and that name. */
  readonly renamed: readonly (readonly [key: string, path: string])[];
  /** Tensors that were left out because their shapes differ. */
  readonly misshaped: readonly Misshaped[];
}

interface Available {
  readonly source: string;
  readonly entries: ReadonlyMap<string, { readonly shape: Shape }>;
  read(keys: Iterable<string>): Promise<ReadonlyMap<string, Value>>;
}

const mayBeMissing = /(^|\.)num_batches_tracked$/;

function isMap(weights: Weights): weights is ReadonlyMap<string, Value> {
  return weights instanceof Map;
}

function availableOf(weights: Weights): Available {
  const given: unknown = weights; // what JavaScript may pass
  if (typeof given === "object" && given !== null) {
    if (isMap(weights)) return { source: "loadWeights", entries: weights, read: async () => weights };
    if (isTensorSource(weights)) return weights;
    if (weights.tensors instanceof Map)
      return { source: weights.source, entries: weights.tensors, read: async () => weights.tensors };
  }
  throw new FormatError("loadWeights", "the weights are no tensors by name", "pass what a reader gave, or a Map");
}

/** Whether a path, or the layer that it is in, is one of `patterns`. @throws AttributeError for a pattern that matches none of `paths` */
function chosen(patterns: PathPatterns, paths: readonly string[]): (path: string) => boolean {
  const expressions = (typeof patterns === "string" ? [patterns] : patterns).map((pattern) => {
    const [itself, inIt] = [pathPattern(pattern), pathPattern(`${pattern}.*`)];
    const matches = (path: string): boolean => itself.test(path) || inIt.test(path);
    if (!paths.some(matches))
      throw new AttributeError(
        "loadWeights",
        `except: neither the model nor the weights have ${JSON.stringify(pattern)}`,
        `the model has ${paths.slice(0, 8).join(", ")}${paths.length > 8 ? ", ..." : ""}`,
      );
    return matches;
  });
  return (path) => expressions.some((matches) => matches(path));
}

/** The value as `cell` takes it. */
function fitted(value: Value, cell: Cell, what: string): HostTensor | Tensor {
  if (isTensor(value)) {
    if (value.dtype === cell.dtype) return value;
    throw new FormatError(
      what,
      `a tensor of ${value.dtype} is no ${cell.dtype}`,
      `cast it: cast(tensor, "${cell.dtype}")`,
    );
  }
  return converted("bytes" in value ? decodeStored(value, what) : value, cell.dtype, what);
}

/**
 * Sets the parameters and states of a model from weights of any reader. Names are mapped, floats become the model's; everything is checked before
 * anything changes, shapes before any number is read.
 * @returns what was used and what was left
 * @throws FormatError that lists what is missing, unexpected and of another shape, with both shapes, and says which option helps; or names the element that
 * does not fit the model's dtype. AttributeError for a pattern of `rename` or `except` that is none.
 * @example await loadWeights(model, readPyTorch(bytes), { rename: [["^module\\.", ""]], except: "fc" });
 */
export async function loadWeights(
  model: object,
  weights: Weights,
  { rename = [], strict = true, except = [], skipMisshaped = false }: LoadWeightsOptions = {},
): Promise<LoadWeightsReport> {
  const available = availableOf(weights);
  const { source, entries } = available;
  const cells = cellPaths(model);
  const paths = renamed(entries.keys(), rename, source);
  const isLeft = chosen(except, [...new Set([...cells.keys(), ...paths.values()])]);
  const keys = new Map<string, string>(); // by path
  const [unexpected, misshaped]: [string[], Misshaped[]] = [[], []];
  for (const [key, path] of paths) {
    if (isLeft(path)) continue;
    const [found, expected] = [entries.get(key)?.shape ?? [], cells.get(path)?.shape];
    if (expected === undefined) unexpected.push(key);
    else if (sameShape(found, expected)) keys.set(path, key);
    else misshaped.push({ key, path, found, expected });
  }
  const skipped = new Set(misshaped.map(({ path }) => path));
  const set = new Set([...keys.keys()].map((path) => cells.get(path)));
  const missing = [...cells].flatMap(([path, cell]) =>
    set.has(cell) || skipped.has(path) || isLeft(path) ? [] : [path],
  );
  const faults = {
    missing: strict ? missing.filter((path) => !mayBeMissing.test(path)) : [],
    unexpected: strict ? unexpected : [],
    misshaped: skipMisshaped ? [] : misshaped,
  };
  if (faults.missing.length + faults.unexpected.length + faults.misshaped.length > 0) throw refusal(source, faults);
  const values = await available.read(keys.values());
  const fitting = new Map<string, HostTensor | Tensor>();
  for (const [path, key] of keys) {
    const [value, cell] = [values.get(key), cells.get(path)];
    if (value !== undefined && cell !== undefined)
      fitting.set(path, fitted(value, cell, `${source}, tensor ${JSON.stringify(key)}`));
  }
  loadStateDict(model, fitting, { strict: false });
  const taken = new Set(keys.values());
  return {
    used: [...keys.keys()],
    missing,
    left: [...entries.keys()].filter((key) => !taken.has(key)),
    renamed: [...keys].flatMap(([path, key]) => (path === key ? [] : [[key, path] as const])),
    misshaped,
  };
}
