// One traced function for a whole case: outputs, gradients and second gradients in one graph, which whole-graph backends run as one model.
import { type CompiledFunction, type Tensor, add, compile, grad, isTensor, mul, square, sum, zeros } from "@stria/core";
import { Arguments } from "./arguments.ts";
import type { Answer } from "./calls/call.ts";
import { answerTo } from "./calls/index.ts";
import { GoldenError } from "./json.ts";
import type { OpsCase } from "./ops-case.ts";
import { Unsupported } from "./outcome.ts";

type Named = Record<string, Tensor>;

/** What a case computes, by name. */
export interface Computed {
  readonly out: Named;
  readonly grad: Named;
  readonly grad2: Named;
}

export type CaseFunction = CompiledFunction<[inputs: Named, cotangents: Named], Computed>;

/** How far a case is computed. */
export type Depth = "outputs" | "gradients" | "second gradients";

function named(answer: Answer, wanted: readonly string[]): Named {
  if (isTensor(answer)) {
    const [only] = wanted;
    if (only === undefined || wanted.length > 1)
      throw new GoldenError(`one output was computed, the golden has ${wanted.join(", ")}`);
    return { [only]: answer };
  }
  const all: Named = Object.fromEntries(Object.entries(answer));
  return Object.fromEntries(
    wanted.map((name) => {
      const found = all[name];
      if (!found) throw new GoldenError(`no output "${name}" was computed, only ${Object.keys(all).join(", ")}`);
      return [name, found];
    }),
  );
}

/** The outputs of a case. @throws Unsupported when Stria has no answer, or an argument would be ignored. */
function compute(golden: OpsCase, inputs: Named): Named {
  const answer = answerTo(golden.call, golden.expression);
  if (!answer)
    throw new Unsupported(golden.expression === undefined ? golden.call : `${golden.call}: ${golden.expression}`);
  const given = new Arguments(golden.call, golden.args, new Map(Object.entries(inputs)), golden.training);
  const outputs = named(answer(given), golden.outputs);
  const unread = given.unread();
  if (unread.length > 0) throw new Unsupported(`${golden.call} with ${unread.join(", ")}`);
  return outputs;
}

function total(terms: readonly Tensor[]): Tensor {
  return terms.reduce((sofar, term) => add(sofar, term), zeros([]));
}

/** The function of a case; it is traced at its first call. */
export function caseFunction(golden: OpsCase, depth: Depth): CaseFunction {
  return compile(
    (inputs: Named, cotangents: Named): Computed => {
      const variables = Object.fromEntries(Object.entries(inputs).filter(([name]) => golden.grads.includes(name)));
      if (depth === "outputs" || golden.grads.length === 0)
        return { out: compute(golden, inputs), grad: {}, grad2: {} };
      let out: Named = {};
      let first: Named = {};
      const loss = (given: Named): Tensor => {
        out = compute(golden, { ...inputs, ...given });
        return total(
          Object.entries(cotangents).map(([name, cotangent]) => sum(mul(out[name] ?? zeros([]), cotangent))),
        );
      };
      const gradientPower = (given: Named): Tensor => {
        first = grad(loss)(given);
        return total(Object.values(first).map((g) => sum(square(g))));
      };
      if (depth === "gradients" || golden.grad2.length === 0) return { grad: grad(loss)(variables), out, grad2: {} };
      return { grad2: grad(gradientPower)(variables), grad: first, out };
    },
    { name: golden.id },
  );
}
