// One forward and backward pass of a golden model: the strict one in evaluation mode, and a training step.
import {
  type HostTensor,
  Parameter,
  type Tensor,
  compile,
  evaluating,
  fromHost,
  mul,
  namedCells,
  namedModules,
  sum,
  training,
  valueAndGrad,
} from "@stria/core";
import { type Module, initialisers } from "@stria/layers";
import { image } from "./fill.ts";
import { type JsonObject, asNumber, asNumbers, asObject, asText } from "./json.ts";
import { type Judge, judgeSamples, largestOf, total } from "./judge.ts";
import { lossOf, targetOf } from "./model-losses.ts";
import { type Tolerances, inputOf, judgeOutput, outputsOf, resultOf, tolerancesOf } from "./model-outputs.ts";

interface Pass {
  readonly value: number;
  readonly outputs: readonly Tensor[];
  /** By state-dict path; `<input>` for the input, where it is not of tokens. */
  readonly gradients: ReadonlyMap<string, Tensor>;
}

/** Value and gradients of a function of the model's outputs, in a mode. */
async function backwardPass(
  mode: typeof evaluating,
  model: Module,
  x: HostTensor,
  names: readonly string[],
  f: (outputs: readonly Tensor[]) => Tensor,
): Promise<Pass> {
  const input = x.dtype === "float32" ? new Parameter(x.shape, initialisers.zeros) : undefined;
  input?.load(x.data);
  const given = fromHost(x.data, x.shape, x.dtype);
  const whole = input ? { input, model } : { model };
  const run = compile(
    () => {
      let outputs: readonly Tensor[] = [];
      const { value, grads } = valueAndGrad(whole, () => {
        outputs = outputsOf(resultOf(model, input ? input.value : given, names), names);
        return f(outputs);
      });
      return { value, outputs, grads };
    },
    { name: "golden model", modules: [whole] },
  );
  const { value, outputs, grads } = mode(() => run());
  const gradients = new Map(
    [...grads].map(([path, gradient]) => [path === "input" ? "<input>" : path.replace(/^model\./, ""), gradient]),
  );
  const pass = { value: await value.item(), outputs, gradients };
  run.clear();
  return pass;
}

/** One gradient is read at a time, and given back: of a large model there is no room for all of them in JavaScript too. */
async function judgeGradients(
  judge: Judge,
  pass: string,
  golden: JsonObject,
  { gradients: found }: Pass,
  { of }: Tolerances,
): Promise<void> {
  const entries = asObject(golden["gradients"], "gradients");
  const unexpected = [...found.keys()].filter((path) => !Object.hasOwn(entries, path));
  judge.same(`${pass}: parameters with a gradient and none in the golden`, unexpected, []);
  const [elements, norms] = [of("gradients"), of("gradient_norms")];
  for (const [path, value] of Object.entries(entries)) {
    const [entry, gradient, name] = [asObject(value, path), found.get(path), `${pass}: gradient of ${path}`];
    const data = await gradient?.data();
    gradient?.dispose();
    if (entry["unused"] === true) judge.check(`${name}, which is not used,`, largestOf(data ?? []), 0, 0);
    else if (!data) judge.misses.push(`${name} is not there`);
    else {
      if (elements !== undefined)
        judgeSamples(judge, name, data, entry["samples"], elements * asNumber(entry["scale"], "scale"));
      const norm = asNumber(entry["norm"], "norm");
      if (entry["zero"] !== true && norms !== undefined)
        judge.check(`norm of ${name}`, Math.sqrt(total(data, (number) => number ** 2)), norm, norms * norm);
    }
  }
}

/** `vjp`: gradients of the sum of the first output times a cotangent, in evaluation mode. */
export async function judgeVjp(
  judge: Judge,
  model: Module,
  golden: JsonObject,
  output: string,
  slack: number,
): Promise<void> {
  const fill = asObject(golden["cotangent_fill"], "cotangent_fill");
  const shape = asNumbers(fill["shape"], "shape");
  const numbers = image(asText(fill["name"], "name"), shape);
  const cotangent = fromHost(numbers, shape, "float32");
  const pass = await backwardPass(evaluating, model, inputOf(golden), [output], ([first]) =>
    sum(mul(first ?? cotangent, cotangent)),
  );
  await judgeGradients(judge, "vjp", golden, pass, tolerancesOf(golden, slack));
  // No tolerance is given for the sum itself: that of every model's outputs, for each of its terms.
  const largest = largestOf((await pass.outputs[0]?.data()) ?? []);
  const most = total(numbers, Math.abs) * largest;
  judge.check("vjp: the value", pass.value, asNumber(golden["value"], "value"), 1e-4 * slack * most);
}

/** Dropout and stochastic depth keep everything. */
function dropNothing(model: Module): void {
  for (const [, layer] of namedModules(model))
    if (typeof Reflect.get(layer, "probability") === "number") Reflect.set(layer, "probability", 0);
}

/** `train`: loss, outputs, gradients and running statistics of one pass in training mode, in which nothing is dropped. */
export async function judgeTraining(
  judge: Judge,
  model: Module,
  golden: JsonObject,
  stored: ReadonlyMap<string, HostTensor>,
  slack: number,
): Promise<void> {
  dropNothing(model);
  const tolerances = tolerancesOf(golden, slack);
  const { of } = tolerances;
  const [loss, target] = [lossOf(asText(golden["loss_formula"], "loss_formula")), targetOf(golden)];
  const outputs = Object.entries(asObject(golden["outputs"], "outputs"));
  const names = outputs.map(([name]) => name);
  const pass = await backwardPass(training, model, inputOf(golden), names, (found) => loss(found, target));
  const expected = asNumber(golden["loss"], "loss");
  judge.check("train: the loss", pass.value, expected, (of("loss") ?? 0) * Math.abs(expected));
  for (const [index, [name, entry]] of outputs.entries())
    await judgeOutput(judge, `train: output ${name}`, pass.outputs[index], asObject(entry, name), {
      tolerance: of("outputs"),
      whole: stored.get(`train/${name}`),
    });
  const cells = namedCells(model);
  for (const [path, samples] of Object.entries(asObject(golden["running"], "running"))) {
    const data = await cells.get(path)?.value.data();
    if (data) judgeSamples(judge, `train: ${path}`, data, samples, (of("running") ?? 0) * largestOf(data));
    else judge.misses.push(`the model has no ${path}`);
  }
  await judgeGradients(judge, "train", golden, pass, tolerances);
}
