// customGradient(f): a function whose gradient its author says.
import { checkFunction } from "./check-function.ts";
import { at, sameShape, showAval } from "../tensor/aval.ts";
import { DTypeError, ShapeError, TraceError } from "../errors.ts";
import { zeros } from "../ops/full.ts";
import { type Recorded, withOwnGradient } from "./own-gradient.ts";
import { scope } from "./scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { currentTrace } from "./trace.ts";
import { flatten, isRefusedPromise } from "../tensor/tree.ts";

/** A value, and the rule for its gradient. */
export interface WithGradient<Result> {
  /** A tensor, or arrays and objects of tensors. */
  readonly value: Result;
  /**
   * Given the cotangent of the value (in the value's structure; zeros where nothing depends on a part of it) the cotangents of the arguments: one
   * entry for each, in the argument's structure, or null where there is none. Made of ops, so that it can be differentiated in turn.
   */
  readonly vjp: (cotangent: Result) => readonly unknown[];
}

const subject = "customGradient";

function checked<Result>(made: WithGradient<Result>): WithGradient<Result> {
  if (isRefusedPromise(made))
    throw new TraceError(subject, "the function returned a Promise", "give it a synchronous function");
  if (typeof made !== "object" || made === null || typeof made.vjp !== "function" || !("value" in made))
    throw new TraceError(
      subject,
      "the function did not return { value, vjp }",
      "return the result as value, and as vjp the function from its cotangent to those of the arguments",
    );
  return made;
}

/** The cotangents that a rule returned, flat: one for each tensor among the arguments. */
function cotangentsOf(returned: unknown, args: readonly unknown[]): (Tensor | null)[] {
  if (!Array.isArray(returned) || returned.length !== args.length)
    throw new ShapeError(
      subject,
      `vjp returned ${Array.isArray(returned) ? `${returned.length} cotangents` : "no array"} for ${args.length} arguments`,
      "return an array with one entry for each argument, null where there is none",
    );
  return args.flatMap((arg, index): (Tensor | null)[] => {
    const { leaves } = flatten(arg, subject);
    const entry: unknown = returned[index];
    if (entry === null) return leaves.map(() => null);
    const found = flatten(entry, subject).leaves;
    if (found.length !== leaves.length)
      throw new ShapeError(
        subject,
        `vjp returned ${found.length} tensors as the cotangent of argument ${index}, which has ${leaves.length}`,
        "return a tensor for each tensor of the argument, or null for all of it",
      );
    for (const [place, leaf] of leaves.entries()) {
      const cotangent = at(found, place);
      const fault = `vjp returned ${showAval(cotangent.aval)} as the cotangent of argument ${index}, which is ${showAval(leaf.aval)}`;
      if (!sameShape(cotangent.shape, leaf.shape))
        throw new ShapeError(
          subject,
          fault,
          "return a cotangent of the argument's shape: sum over axes that broadcast",
        );
      if (cotangent.dtype !== "float32") throw new DTypeError(subject, fault, "return float32");
    }
    return [...found];
  });
}

/** A gradient by something that the rule knows nothing of would silently lack a part. */
function refuseOutside({ sources, parameters, nodes, results }: Recorded, wanted: readonly boolean[]): void {
  const lost = sources.some(
    (value, index) =>
      index >= parameters &&
      wanted[index] === true &&
      (results.includes(value) || nodes.some(({ op, inputs }) => op.name !== "stopGradient" && inputs.includes(value))),
  );
  if (lost)
    throw new TraceError(
      subject,
      "the function uses a tensor or parameter from outside by which a gradient is taken, and its vjp cannot give one",
      "pass it as an argument, or wrap it in stopGradient inside the function",
    );
}

/**
 * A function whose gradient is what its author says instead of what follows from the ops in it: `f` returns the value and the rule. Gradients of
 * gradients differentiate the rule. Outside of a gradient it is the value of `f`.
 * @throws TraceError when `f` does not return `{ value, vjp }`, or a gradient is taken by what `f` uses and is not given; ShapeError and DTypeError when
 * the rule returns cotangents of another number, shape or dtype than the arguments.
 * @example
 * // Straight-through rounding (Bengio et al. 2013).
 * const ste = customGradient((x: Tensor) => ({ value: round(x), vjp: (dy) => [dy] }));
 */
export function customGradient<Args extends readonly unknown[], Result>(
  f: (...args: Args) => WithGradient<Result>,
): (...args: Args) => Result {
  checkFunction(subject, f, "customGradient((x) => ({ value, vjp }))");
  return (...args) => {
    const trace = currentTrace();
    if (!trace) return scope(() => checked(f(...args)).value);
    return withOwnGradient(trace, subject, args, (...aliases) => {
      const { value, vjp } = checked(f(...aliases));
      const { leaves, shape } = flatten(value, subject);
      return {
        value,
        rule({ dys, wanted }, recorded) {
          refuseOutside(recorded, wanted);
          const given = leaves.map((leaf, index) => dys[index] ?? zeros(leaf.shape));
          const found = cotangentsOf(vjp(shape.rebuild(given) as Result), aliases);
          return recorded.sources.map((_, index) => found[index] ?? null);
        },
      };
    });
  };
}
