// Nested arrays, plain objects and maps of tensors: flattened to a list, and rebuilt.
import { isCell } from "../cells/cell.ts";
import { TraceError } from "../errors.ts";
import { type Tensor, isTensor } from "./tensor.ts";

/** Rebuilds a tree from the tensors that `flatten` listed. */
export interface TreeShape {
  readonly key: string;
  rebuild(leaves: readonly Tensor[]): unknown;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "then") === "function";
}

/**
 * Whether `value`, which must not be one, is a Promise. The caller throws; whatever the Promise itself ends with is heard by nobody then, and must not
 * end the process as an unhandled rejection.
 */
export function isRefusedPromise(value: unknown): boolean {
  if (!isPromise(value)) return false;
  value.then(undefined, () => {});
  return true;
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

/** A number that stands for the object: the same at every call. */
export function identityOf(value: object): number {
  let identity = identities.get(value);
  if (identity === undefined) identities.set(value, (identity = ++lastIdentity));
  return identity;
}

/** A primitive as text: quoted, so that no string can look like the key of something else. */
function keyOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return Object.is(value, -0) ? "-0" : `${typeof value}:${String(value)}`;
}

const lists: TreeShape[] = [];

/** A list of so many tensors, which is what most functions are given. */
function listOf(length: number): TreeShape {
  return (lists[length] ??= {
    key: `[${Array<string>(length).fill("T").join()}]`,
    rebuild: (given) => given.slice(0, length),
  });
}

/**
 * The tensors in `tree`, in order, and how to put others in their places. Everything else is kept as it is, and is part of the key; with
 * `readCells` a parameter or state counts as the tensor that is its value.
 */
export function flatten(
  tree: unknown,
  subject: string,
  { readCells = false }: { readonly readCells?: boolean } = {},
): { leaves: readonly Tensor[]; shape: TreeShape } {
  if (Array.isArray(tree) && tree.every(isTensor)) return { leaves: tree, shape: listOf(tree.length) };
  const leaves: Tensor[] = [];
  const walk = (node: unknown): TreeShape => {
    const leaf = isTensor(node) ? node : readCells && isCell(node) ? node.value : undefined;
    if (leaf) {
      const index = leaves.push(leaf) - 1;
      return { key: "T", rebuild: (given) => given[index] };
    }
    if (isRefusedPromise(node))
      throw new TraceError(
        subject,
        "a Promise stands where a tensor is expected",
        "use a synchronous function, and await outside it",
      );
    if (Array.isArray(node)) {
      const items = node.map(walk);
      return {
        key: `[${items.map((item) => item.key).join()}]`,
        rebuild: (given) => items.map((item) => item.rebuild(given)),
      };
    }
    if (node instanceof Map) {
      const items = [...node].map(([name, item]: [unknown, unknown]) => ({ name, item: walk(item) }));
      return {
        key: `M{${items.map(({ name, item }) => `${JSON.stringify(name)}:${item.key}`).join()}}`,
        rebuild: (given) => new Map(items.map(({ name, item }) => [name, item.rebuild(given)])),
      };
    }
    if (typeof node === "object" && node !== null) {
      if (!isPlainObject(node)) return { key: `#${identityOf(node)}`, rebuild: () => node };
      const items = Object.entries(node).map(([name, item]) => ({ name, item: walk(item) }));
      return {
        key: `{${items.map(({ name, item }) => `${JSON.stringify(name)}:${item.key}`).join()}}`,
        rebuild: (given) => Object.fromEntries(items.map(({ name, item }) => [name, item.rebuild(given)])),
      };
    }
    if (typeof node === "function") return { key: `#${identityOf(node)}`, rebuild: () => node };
    return { key: keyOf(node), rebuild: () => node };
  };
  const shape = walk(tree);
  return { leaves, shape };
}
