// One forward and backward pass of a golden model: the strict one in evaluation mode, and a training step.
import { type HostTensor, evaluating, fromHost, mul, namedCells, namedModules, sum, training } from "@stria/core";
import type { Module } from "@stria/layers";
import { image } from "./fill.ts";
import { type JsonObject, asNumber, asNumbers, asObject, asText } from "./json.ts";
import { type Judge, judgeSamples, largestOf, total } from "./judge.ts";
import { lossOf, targetOf } from "./model-losses.ts";
import { type Tolerances, inputOf, judgeOutput, tolerancesOf } from "./model-outputs.ts";
import { type Pass, passesOf } from "./model-passes.ts";
import { PassVerdict, judgeThroughTies } from "./ties.ts";

/** Further off than this, and than twice its tolerance, is no norm by a tie: of large networks they move it by a percent, of small ones by more. */
const byTies = 0.05;

/** One gradient is read at a time, and given back: of a large model there is no room for all of them in JavaScript too. */
async function judgeGradients(
  { gradients: judge, coarse }: PassVerdict,
  pass: string,
  golden: JsonObject,
  { gradients }: Pass,
  { of }: Tolerances,
): Promise<void> {
  const entries = asObject(golden["gradients"], "gradients");
  const unexpected = [...gradients.keys()].filter((path) => !Object.hasOwn(entries, path));
  judge.same(`${pass}: parameters with a gradient and none in the golden`, unexpected, []);
  const [elements, norms] = [of("gradients"), of("gradient_norms")];
  for (const [path, value] of Object.entries(entries)) {
    const [entry, gradient, name] = [asObject(value, path), gradients.get(path), `${pass}: gradient of ${path}`];
    const data = await gradient?.data();
    gradient?.dispose();
    if (entry["unused"] === true) judge.check(`${name}, which is not used,`, largestOf(data ?? []), 0, 0);
    else if (!data) judge.misses.push(`${name} is not there`);
    else {
      if (elements !== undefined)
        judgeSamples(judge, name, data, entry["samples"], elements * asNumber(entry["scale"], "scale"));
      if (entry["zero"] === true || norms === undefined) continue;
      const [norm, found] = [asNumber(entry["norm"], "norm"), Math.sqrt(total(data, (number) => number ** 2))];
      judge.check(`norm of ${name}`, found, norm, norms * norm);
      coarse.check(`norm of ${name}`, found, norm, Math.max(2 * norms, byTies) * norm);
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
  const passes = await passesOf(evaluating, model, inputOf(golden), [output], ([first]) =>
    sum(mul(first ?? cotangent, cotangent)),
  );
  await judgeThroughTies(judge, "vjp", passes, async (pass) => {
    const verdict = new PassVerdict();
    await judgeGradients(verdict, "vjp", golden, pass, tolerancesOf(golden, slack));
    // No tolerance is given for the sum itself: that of every model's outputs, for each of its terms.
    const largest = largestOf((await pass.outputs[0]?.data()) ?? []);
    const most = total(numbers, Math.abs) * largest;
    verdict.values.check("vjp: the value", pass.value, asNumber(golden["value"], "value"), 1e-4 * slack * most);
    return verdict;
  });
  passes.clear();
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
  const passes = await passesOf(training, model, inputOf(golden), names, (found) => loss(found, target));
  const expected = asNumber(golden["loss"], "loss");
  await judgeThroughTies(judge, "train", passes, async (pass) => {
    const verdict = new PassVerdict();
    const { values } = verdict;
    values.check("train: the loss", pass.value, expected, (of("loss") ?? 0) * Math.abs(expected));
    for (const [index, [name, entry]] of outputs.entries())
      await judgeOutput(values, `train: output ${name}`, pass.outputs[index], asObject(entry, name), {
        tolerance: of("outputs"),
        whole: stored.get(`train/${name}`),
      });
    await judgeRunning(values, model, golden, of("running") ?? 0);
    await judgeGradients(verdict, "train", golden, pass, tolerances);
    return verdict;
  });
  passes.clear();
}

/** Running statistics after the step. */
async function judgeRunning(judge: Judge, model: Module, golden: JsonObject, tolerance: number): Promise<void> {
  const cells = namedCells(model);
  for (const [path, samples] of Object.entries(asObject(golden["running"], "running"))) {
    const data = await cells.get(path)?.value.data();
    if (data) judgeSamples(judge, `train: ${path}`, data, samples, tolerance * largestOf(data));
    else judge.misses.push(`the model has no ${path}`);
  }
}
