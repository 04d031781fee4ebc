// grad, valueAndGrad, vjp: gradients of functions of tensors, and of a model's parameters.
import { at, sameShape, showShape } from "../tensor/aval.ts";
import { backward } from "./autodiff.ts";
import { checkFunction } from "./check-function.ts";
import { Parameter, isCell } from "../cells/cell.ts";
import { traceOnce } from "./compile.ts";
import type { TensorLike } from "../tensor/dispatch.ts";
import { type DType, isFloat } from "../tensor/dtype.ts";
import { DTypeError, ShapeError, TraceError } from "../errors.ts";
import { differentiating } from "./mode.ts";
import { identity } from "../ops/identity.ts";
import { ones, zeros } from "../ops/full.ts";
import { scope } from "./scope.ts";
import { type Tensor, isTensor } from "../tensor/tensor.ts";
import { currentTrace } from "./trace.ts";
import { type TreeShape, flatten, isRefusedPromise } from "../tensor/tree.ts";
import { namedCells } from "../cells/walk.ts";

export interface ValueAndGrads {
  readonly value: Tensor;
  /** Gradients by state-dict path. */
  readonly grads: ReadonlyMap<string, Tensor>;
}

/** A tensor, or arrays, plain objects and maps of tensors. */
export type TensorTree =
  | Tensor
  | readonly TensorTree[]
  | { readonly [name: string]: TensorTree }
  | ReadonlyMap<string, Tensor>;

/** Runs `f` in the current trace, or in one of its own that is run at once. */
function inTrace<T>(f: () => T): T {
  return currentTrace() ? f() : traceOnce(f);
}

function tensorOf(value: unknown, subject: string): Tensor {
  if (isRefusedPromise(value))
    throw new TraceError(
      subject,
      "the function returned a Promise",
      "give it a synchronous function; read values outside of it",
    );
  if (!isTensor(value))
    throw new TraceError(
      subject,
      `the function returned ${value === null ? "null" : typeof value}, not a tensor`,
      "return the result as a tensor",
    );
  return value;
}

function scalarLoss(result: unknown, subject: string): Tensor {
  const value = tensorOf(result, subject);
  if (value.size !== 1 || value.rank !== 0)
    throw new ShapeError(
      subject,
      `the function returned shape ${showShape(value.shape)}`,
      "return a scalar: reduce it with sum() or mean()",
    );
  if (value.dtype !== "float32")
    throw new TraceError(subject, `the function returned ${value.dtype}`, "return float32");
  return value;
}

/** Where in a tree the leaf number `wanted` is: `.images[2]`. */
function pathOf(tree: unknown, wanted: number, subject: string): string {
  let index = 0;
  const walk = (node: unknown, path: string): string | undefined => {
    const { leaves } = flatten(node, subject, { readCells: true });
    if (wanted < index || wanted >= index + leaves.length) return void (index += leaves.length);
    if (isTensor(node) || isCell(node) || typeof node !== "object" || node === null) return path;
    const entries: Iterable<readonly [unknown, unknown]> = node instanceof Map ? node : Object.entries(node);
    for (const [name, item] of entries) {
      const found = walk(item, `${path}${Array.isArray(node) ? `[${String(name)}]` : `.${String(name)}`}`);
      if (found !== undefined) return found;
    }
    return path;
  };
  return walk(tree, "") ?? "";
}

/** @throws DTypeError naming what a gradient cannot be taken by. */
function checkFloat(subject: string, what: string, dtype: DType): void {
  if (!isFloat(dtype))
    throw new DTypeError(
      subject,
      `${what} is ${dtype}, and a gradient by whole numbers or bools does not exist`,
      "cast it to float32 before, or pass it as a further argument",
    );
}

/** Fresh values that stand for a tree of tensors inside a function: what else depends on the tree stays constant. */
function standIns(
  tree: unknown,
  subject: string,
  what: string,
): { leaves: readonly Tensor[]; aliases: readonly Tensor[]; argument: unknown; shape: TreeShape } {
  const { leaves, shape } = flatten(tree, subject, { readCells: true });
  for (const [index, { dtype }] of leaves.entries())
    if (!isFloat(dtype)) checkFloat(subject, `${what}${pathOf(tree, index, subject)}`, dtype);
  const aliases = leaves.map((leaf) => identity(leaf));
  return { leaves, aliases, argument: shape.rebuild(aliases), shape };
}

/** Value and gradient by a tree of tensors, in the current trace. */
function differentiate<X extends TensorTree>(f: (x: X) => Tensor, x: X, subject: string): { value: Tensor; grads: X } {
  const { leaves, aliases, argument, shape } = standIns(x, subject, "the first argument");
  const value = scalarLoss(
    differentiating(() => f(argument as X)),
    subject,
  );
  const grads = backward([value], [ones([])], aliases).map((found, index) => found ?? zeros(at(leaves, index).shape));
  return { value, grads: shape.rebuild(grads) as X };
}

/**
 * The gradient of a scalar function by its first argument (a tensor, or a tree of tensors). Works to any order.
 * @throws TraceError at once when `f` is no function; in a call DTypeError naming a tensor of the argument that is int32, uint8 or bool.
 * @example const second = grad((x) => grad(f)(x).square().sum())(x);
 */
export function grad<X extends TensorTree = Tensor, Rest extends readonly unknown[] = readonly unknown[]>(
  f: (x: X, ...rest: Rest) => Tensor,
): (x: X, ...rest: Rest) => X {
  checkFunction("grad", f, "grad((x) => x.square().sum())(x)");
  return (x, ...rest) => scope(() => inTrace(() => differentiate((y: X) => f(y, ...rest), x, "grad").grads));
}

/** Value and gradient of a scalar function by its first argument. */
export function valueAndGrad<X extends TensorTree = Tensor, Rest extends readonly unknown[] = readonly unknown[]>(
  f: (x: X, ...rest: Rest) => Tensor,
): (x: X, ...rest: Rest) => { value: Tensor; grads: X };
/**
 * Value of `f(model)` and its gradients by the model's trainable parameters, by state-dict path.
 * Layers that behave differently in training want `training(() => valueAndGrad(...))`.
 */
export function valueAndGrad<M extends object>(model: M, f: (model: M) => Tensor): ValueAndGrads;
export function valueAndGrad(
  first: object | ((x: TensorTree, ...rest: unknown[]) => Tensor),
  second?: (model: object) => Tensor,
): unknown {
  if (second !== undefined) {
    checkFunction("valueAndGrad", second, "valueAndGrad(model, (m) => m.forward(x).sum())");
    return scope(() => inTrace(() => differentiateModel(first, second)));
  }
  checkFunction("valueAndGrad", first, "valueAndGrad(f)(x), or valueAndGrad(model, f)");
  const f = first as (x: TensorTree, ...rest: unknown[]) => Tensor;
  return (x: TensorTree, ...rest: unknown[]) =>
    scope(() => inTrace(() => differentiate((y) => f(y, ...rest), x, "valueAndGrad")));
}

function differentiateModel(model: object, f: (model: object) => Tensor): ValueAndGrads {
  const trace = currentTrace();
  if (!trace) throw new TraceError("valueAndGrad", "there is no trace", "report this as a bug of Stria");
  const parameters = [...namedCells(model)].flatMap(([path, cell]) =>
    cell instanceof Parameter && cell.trainable ? [{ path, cell }] : [],
  );
  const aliases = parameters.map(({ path, cell }) => {
    checkFloat("valueAndGrad", `the trainable parameter ${path}`, cell.dtype);
    const outer = trace.readCell(cell);
    const alias = identity(outer);
    trace.aliasCell(cell, alias);
    return { outer, alias };
  });
  const value = scalarLoss(
    differentiating(() => f(model)),
    "valueAndGrad",
  );
  const found = backward(
    [value],
    [ones([])],
    aliases.map(({ alias }) => alias),
  );
  for (const [index, { cell }] of parameters.entries()) {
    const { outer, alias } = at(aliases, index);
    if (trace.readCell(cell) === alias) trace.aliasCell(cell, outer);
  }
  return {
    value,
    grads: new Map(parameters.map(({ path, cell }, index) => [path, found[index] ?? zeros(cell.shape)])),
  };
}

/** The tensors of a cotangent, which has to be as the value is. */
function cotangentsOf(cotangent: unknown, values: readonly Tensor[]): readonly Tensor[] {
  const { leaves } = flatten(cotangent, "vjp", { readCells: true });
  const show = (list: readonly Tensor[]): string => list.map(({ shape }) => showShape(shape)).join(", ") || "nothing";
  for (const { dtype } of values) checkFloat("vjp", "the function's value", dtype);
  for (const { dtype } of leaves) checkFloat("vjp", "the cotangent", dtype);
  if (leaves.length !== values.length || leaves.some(({ shape }, index) => !sameShape(shape, at(values, index).shape)))
    throw new ShapeError(
      "vjp",
      `the cotangent is ${show(leaves)}, the value ${show(values)}`,
      "give a cotangent of the value's shape",
    );
  return leaves;
}

/**
 * Vector-Jacobian product: the value of `f(x)`, and the cotangent of `x` for a cotangent of that value. All three may be tensors, or arrays, plain
 * objects and maps of them; the cotangent has the structure of the value. Works to any order.
 * @throws ShapeError where the cotangent does not fit the value, DTypeError where a tensor among the three is int32, uint8 or bool.
 * @example const { value, grads } = vjp(f, x, dy);
 */
export function vjp<Value extends TensorTree>(
  f: (x: Tensor) => Value,
  x: TensorLike,
  cotangent: Value | TensorLike,
): { value: Value; grads: Tensor };
export function vjp<X extends TensorTree, Value extends TensorTree>(
  f: (x: X) => Value,
  x: X,
  cotangent: Value,
): { value: Value; grads: X };
export function vjp(
  f: (x: never) => TensorTree,
  x: TensorTree | TensorLike,
  cotangent: TensorTree | TensorLike,
): { value: unknown; grads: unknown } {
  checkFunction("vjp", f, "vjp((x) => x.square(), x, dy)");
  return scope(() =>
    inTrace(() => {
      const { leaves, aliases, argument, shape } = standIns(x, "vjp", "x");
      const value = differentiating(() => f(argument as never));
      if (isRefusedPromise(value)) tensorOf(value, "vjp");
      const { leaves: values } = flatten(value, "vjp");
      if (values.length === 0) tensorOf(value, "vjp");
      const found = backward(values, cotangentsOf(cotangent, values), aliases);
      return { value, grads: shape.rebuild(leaves.map((leaf, index) => found[index] ?? zeros(leaf.shape))) };
    }),
  );
}
