// The walk that finds the cells of a model: through fields, arrays and child modules; the path is the state-dict key.
import { type Cell, isCell } from "./cell.ts";
import { isTensor } from "../tensor/tensor.ts";

/** Marks objects whose fields are walked: modules. Plain objects and arrays are walked too. */
export const moduleBrand: unique symbol = Symbol.for("stria.module") as never;

/** Whether a value is a module: an object that carries the brand of `Module`. */
export function isModule(value: unknown): value is object {
  return typeof value === "object" && value !== null && Reflect.get(value, moduleBrand) === true;
}

function isWalked(value: object): boolean {
  if (isModule(value) || Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const paths = new WeakMap<object, string>();

/** The path of a module below the root from which it was last found; undefined for a root and before any walk. */
export function modulePath(module: object): string | undefined {
  return paths.get(module);
}

function* visit(node: object, path: string, seen: Set<object>): Generator<readonly [string, object]> {
  if (seen.has(node)) return;
  seen.add(node);
  if (path !== "" && isModule(node)) paths.set(node, path);
  yield [path, node];
  if (isCell(node) || isTensor(node)) return;
  for (const [name, child] of Object.entries(node)) {
    const value: unknown = child;
    if (typeof value === "object" && value !== null && (isCell(value) || isWalked(value)))
      yield* visit(value, path === "" ? name : `${path}.${name}`, seen);
  }
}

/** Modules below (and including) `root` with their paths, in the order of their fields; a shared one under its first path. */
export function* namedModules(root: object): Generator<readonly [string, object]> {
  for (const [path, node] of visit(root, "", new Set())) if (isModule(node)) yield [path, node];
}

/** Cells below `root` by state-dict path, in the order of the fields; a shared one under its first path. Names the cells. */
export function namedCells(root: object): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const [path, node] of visit(root, "", new Set())) {
    if (!isCell(node)) continue;
    node.name(path);
    cells.set(path, node);
  }
  return cells;
}

/** Every path below `root` at which a cell is found, in the order of the fields: a shared one is there under each of its paths. Names the cells. */
export function cellPaths(root: object): Map<string, Cell> {
  const cells = namedCells(root);
  const found = new Map<string, Cell>();
  const above = new Set<object>();
  const walk = (node: object, path: string): void => {
    if (isCell(node)) found.set(path, node);
    if (isCell(node) || isTensor(node) || above.has(node)) return;
    above.add(node);
    for (const [name, child] of Object.entries(node)) {
      const value: unknown = child;
      if (typeof value === "object" && value !== null && (isCell(value) || isWalked(value)))
        walk(value, path === "" ? name : `${path}.${name}`);
    }
    above.delete(node);
  };
  walk(root, "");
  return found.size === cells.size ? cells : found;
}

/** An object of a model as it was when it was last looked at: the names of its fields and what was in them. */
interface Seen {
  readonly node: object;
  readonly names: readonly string[];
  readonly values: readonly unknown[];
}

interface Snapshot {
  readonly seen: readonly Seen[];
  readonly text: string;
  /** Texts that the model has had, numbered. */
  readonly numbers: Map<string, number>;
}

const identities = new WeakMap<object, number>();
let identified = 0;

/** What the methods of an object come from. */
function classOf(node: object): object {
  const found: unknown = Object.getPrototypeOf(node);
  return typeof found === "object" && found !== null ? found : Object.prototype;
}

/** A number of an object's own. */
function identityOf(object: object): number {
  let number = identities.get(object);
  if (number === undefined) identities.set(object, (number = identified++));
  return number;
}

const snapshots = new WeakMap<object, Snapshot>();

function isUnchanged({ node, names, values }: Seen): boolean {
  const now = Object.keys(node);
  if (now.length !== names.length) return false;
  for (let index = 0; index < now.length; index++) {
    const name = now[index] ?? "";
    if (name !== names[index] || !Object.is(Reflect.get(node, name), values[index])) return false;
  }
  return true;
}

/**
 * A text that changes when a trace of the model would: paths, cells and their shapes, what is trainable, classes and plain fields. Where every field of every object holds what it
 * held at the last call it is the text of that call: comparing costs a tenth of writing.
 */
export function fingerprint(root: object): string {
  return snapshotOf(root).text;
}

/** @internal A number for the fingerprint: equal for equal ones of the same model. */
export function fingerprintNumber(root: object): number {
  const { text, numbers } = snapshotOf(root);
  let number = numbers.get(text);
  if (number === undefined) numbers.set(text, (number = numbers.size));
  return number;
}

/** @internal Finds the paths of the modules below `root` anew, where another root may have named them meanwhile, and names the cells. */
export function findPaths(root: object): void {
  namedCells(root); // the walk notes the modules' paths
}

function snapshotOf(root: object): Snapshot {
  const known = snapshots.get(root);
  if (known?.seen.every(isUnchanged)) return known;
  const lines: string[] = [];
  const seen: Seen[] = [];
  for (const [path, node] of visit(root, "", new Set())) {
    seen.push({ node, names: Object.keys(node), values: Object.values(node) });
    // A program is bound to these cells and to these classes' code: another of the same shape is another model.
    if (isCell(node))
      lines.push(
        `${path} ${node.role} ${node.shape.join()} ${String(Reflect.get(node, "trainable"))} #${identityOf(node)}`,
      );
    else {
      lines.push(`${path} #${identityOf(classOf(node))}`);
      for (const [name, value] of Object.entries(node))
        if (typeof value !== "object" && typeof value !== "function") lines.push(`${path}.${name}=${String(value)}`);
    }
  }
  const snapshot = { seen, text: lines.join("\n"), numbers: known?.numbers ?? new Map<string, number>() };
  snapshots.set(root, snapshot);
  return snapshot;
}
