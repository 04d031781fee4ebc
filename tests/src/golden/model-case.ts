// Golden models: sizes, the listing of the state dict, values in evaluation, stages, gradients, a training step.
import {
  type DType,
  type HostTensor,
  Parameter,
  type Tensor,
  cellPaths,
  compile,
  evaluating,
  fromHost,
} from "@stria/core";
import { type Module, countParameters, features, summary } from "@stria/layers";
import { type JsonObject, asList, asNumber, asNumbers, asObject, asText, asTexts } from "./json.ts";
import { Judge } from "./judge.ts";
import { judgeTraining, judgeVjp } from "./model-gradients.ts";
import { WithOutputs, inputOf, judgeOutput, outputNames, outputsOf, resultOf, tolerancesOf } from "./model-outputs.ts";
import { fillModel, modelOf } from "./models.ts";
import { type Outcome, describeError, outcomeOf } from "./outcome.ts";

/** Sources of the rows in the list of sizes that name none: other kinds of models that have files of their own. */
const sources: Readonly<Record<string, string>> = {
  densenet40_cifar: "published.CifarDenseNet",
  densenet100_cifar: "published.CifarDenseNet",
  densenet100_k24_cifar: "published.CifarDenseNet",
  "googlenet_2014 without auxiliary heads": "published.GoogLeNet2014",
  "googlenet without auxiliary heads": "torchvision.models.googlenet",
  "inception_v3 without auxiliary head": "torchvision.models.inception_v3",
  "unet, 256x256 padded": "published.UNet",
};

function build(golden: JsonObject): Module {
  const name = asText(golden["name"], "name");
  const source = asText(golden["source"] ?? (Object.hasOwn(sources, name) ? sources[name] : name), "source");
  return modelOf("models of", source, golden["options"]);
}

function judgeSizes(judge: Judge, model: Module, golden: JsonObject, inputDType: DType): void {
  judge.check("the number of parameters", countParameters(model), asNumber(golden["parameters"], "parameters"), 0);
  const [, ...input] = asNumbers(golden["macs_input"], "macs_input");
  const { multiplyAdds } = summary(new WithOutputs(model, outputNames(golden)), input, { inputDType });
  judge.check("the number of multiply-adds", multiplyAdds, asNumber(golden["macs"], "macs"), 0);
}

/** Integers are of 32 bits here. */
const dtypes: ReadonlyMap<string, string> = new Map([["int64", "int32"]]);

/** Keys, shapes and types of the state dict, in its order, and which parameters are frozen. */
function judgeListing(judge: Judge, model: Module, golden: JsonObject): void {
  const cells = [...cellPaths(model)];
  const found = cells.map(([path, { shape, dtype }]) => JSON.stringify([path, shape, dtype]));
  const expected = asList(golden["state"], "state").map((entry) => {
    const [path, shape, dtype] = asList(entry, "an entry of state");
    const name = asText(dtype, "type");
    return JSON.stringify([path, shape, dtypes.get(name) ?? name]);
  });
  judge.check("the length of the state dict", found.length, expected.length, 0);
  const place = expected.findIndex((entry, index) => entry !== found[index]);
  if (place >= 0) judge.misses.push(`entry ${place} of the state dict is ${found[place]}, golden ${expected[place]}`);
  const frozen = cells.flatMap(([path, cell]) => (cell instanceof Parameter && !cell.trainable ? [path] : []));
  judge.same("what is frozen", frozen.toSorted(), asTexts(golden["frozen"] ?? [], "frozen").toSorted());
}

/** The stages that the model has layers for; one that it lacks is a miss. */
function stagesOf(judge: Judge, model: Module, names: readonly string[]): string[] {
  return names.filter((name) => {
    try {
      return features(model, [name]).paths.length > 0;
    } catch (error) {
      judge.misses.push(describeError(error));
      return false;
    }
  });
}

async function judgeEvaluation(
  judge: Judge,
  model: Module,
  golden: JsonObject,
  stored: ReadonlyMap<string, HostTensor>,
  slack: number,
): Promise<void> {
  const { of } = tolerancesOf(golden, slack);
  const stages = asList(golden["stages"], "stages").map((entry) => asObject(entry, "a stage"));
  const expected = Object.entries(asObject(golden["outputs"], "outputs"));
  const named = stagesOf(
    judge,
    model,
    stages.map((stage) => asText(stage["name"], "name of a stage")),
  );
  const inner = named.length > 0 ? features(model, named) : undefined;
  // Both run the model; what they have in common is computed once.
  const names = expected.map(([name]) => name);
  const run = compile(
    (x: Tensor) => ({ outputs: outputsOf(resultOf(model, x, names), names), found: inner?.forward(x) ?? {} }),
    { name: "golden model", modules: [model] },
  );
  const { data, shape, dtype } = inputOf(golden);
  const { outputs, found } = evaluating(() => run(fromHost(data, shape, dtype)));
  for (const stage of stages) {
    const name = asText(stage["name"], "name of a stage");
    if (named.includes(name))
      await judgeOutput(judge, `stage ${name}`, found[name], stage, { tolerance: of("stages") });
  }
  for (const [index, [name, entry]] of expected.entries())
    await judgeOutput(judge, `output ${name}`, outputs[index], asObject(entry, name), {
      tolerance: of("outputs"),
      whole: stored.get(`eval/${name}`),
    });
  run.clear();
}

/** One golden model, with the tensors that are stored beside it. */
export function runModelCase(
  golden: JsonObject,
  stored: ReadonlyMap<string, HostTensor>,
  slack: number,
): Promise<Outcome> {
  return outcomeOf(async () => {
    const [model, judge] = [build(golden), new Judge()];
    await judge.part("sizes", () => judgeSizes(judge, model, golden, inputOf(golden).dtype));
    await judge.part("listing", () => judgeListing(judge, model, golden));
    if (judge.misses.length > 0) return judge.outcome();
    await judge.part("filling", () => fillModel(model, asText(golden["fill_prefix"], "fill_prefix")));
    await judge.part("evaluation", () => judgeEvaluation(judge, model, golden, stored, slack));
    const [vjp, train] = [golden["vjp"], golden["train"]];
    const [first = "logits"] = Object.keys(asObject(golden["outputs"], "outputs"));
    if (vjp !== undefined) await judge.part("vjp", () => judgeVjp(judge, model, asObject(vjp, "vjp"), first, slack));
    if (train !== undefined)
      await judge.part("train", () => judgeTraining(judge, model, asObject(train, "train"), stored, slack));
    return judge.outcome();
  });
}

/** An entry of the list of sizes: parameters and multiply-adds alone. */
export function runSizeCase(golden: JsonObject): Promise<Outcome> {
  return outcomeOf(() => {
    const [model, judge] = [build(golden), new Judge()];
    judgeSizes(judge, model, golden, asNumbers(golden["macs_input"], "macs_input").length === 2 ? "int32" : "float32");
    return judge.outcome();
  });
}
