// Minimisation of the functions that optimizers.json names: parameters and value after some steps.
import {
  type Tensor,
  add,
  compile,
  concat,
  matmul,
  mul,
  reshape,
  square,
  sub,
  sum,
  tensor,
  valueAndGrad,
} from "@stria/core";
import { type Lbfgs, type NamedTensors, parametersOf } from "@stria/optimizers";
import { GoldenError, type JsonObject, asNumbers, asObject, asText } from "./json.ts";
import { type Tensors, goldenTensor } from "./ops-case.ts";
import { Unsupported } from "./outcome.ts";

type Compare = (name: string, found: Tensor, key: string) => Promise<string | undefined>;

function named(parameters: NamedTensors, name: string): Tensor {
  const found = parameters.get(name);
  if (!found) throw new GoldenError(`the case has no parameter ${name}`);
  return found;
}

/** By what the file says of them. */
const functions: Readonly<Record<string, (parameters: NamedTensors, tensors: Tensors) => Tensor>> = {
  "sum((1 - a)^2 + 100 (b - a^2)^2)"(parameters) {
    const [a, b] = [named(parameters, "a"), named(parameters, "b")];
    return sum(add(square(sub(1, a)), mul(square(sub(b, square(a))), 100)));
  },
  "x.A.x / 2 - v.x, x = [a, b]; A and v are quadratic/matrix and quadratic/vector"(parameters, tensors) {
    const constant = (key: string): Tensor => {
      const { data, shape } = goldenTensor(tensors, key);
      return tensor(data, { shape });
    };
    const x = concat([named(parameters, "a"), named(parameters, "b")], 0);
    const product = reshape(matmul(constant("quadratic/matrix"), reshape(x, [x.size, 1])), [x.size]);
    return sub(mul(sum(mul(x, product)), 0.5), sum(mul(constant("quadratic/vector"), x)));
  },
};

/** The first deviation of a minimisation from its golden, if any. */
export async function judgeMinimiser(
  method: Lbfgs,
  item: JsonObject,
  { head, tensors, compare }: { readonly head: JsonObject; readonly tensors: Tensors; readonly compare: Compare },
): Promise<string | undefined> {
  const id = asText(item["id"], "id");
  const formula = asText(asObject(head["functions"], "functions")[asText(item["function"], "function")], "a function");
  const energy = Object.hasOwn(functions, formula) ? functions[formula] : undefined;
  if (!energy) throw new Unsupported(`the function ${formula}`);
  const steps = asNumbers(item["steps"], "steps");
  const objective = compile(
    (parameters: NamedTensors) => valueAndGrad((p: NamedTensors) => energy(p, tensors))(parameters),
    { name: id },
  );
  try {
    const start = Object.entries(asObject(item["start"], "start")).map(
      ([name, values]) => [name, tensor(asNumbers(values, name))] as const,
    );
    let state = await method.init(new Map(start));
    for (let step = 1; step <= Math.max(...steps); step++) {
      state = await method.step(objective, state);
      if (!steps.includes(step)) continue;
      const parameters = parametersOf(state);
      const found = new Map([...parameters, ["value", objective(parameters).value] as const]);
      for (const [name, value] of found) {
        const miss = await compare(`step ${step}, ${name}`, value, `${id}/step${step}/${name}`);
        if (miss !== undefined) return miss;
      }
    }
    return undefined;
  } finally {
    objective.clear();
  }
}
