// Golden training runs: losses, parameters and running statistics afterwards, and what the trained model says of test images.
import { type Tensor, at, cast, compile, evaluating, namedCells, oneHot, slice } from "@stria/core";
import { type Module, crossEntropy, mseLoss } from "@stria/layers";
import { type Optimizer, adam, adamW, chain, clipByGlobalNorm, sgd } from "@stria/optimizers";
import { trainStep } from "@stria/training";
import { type Arguments, readAll } from "./arguments.ts";
import { type JsonObject, asList, asNumber, asNumbers, asObject, asText } from "./json.ts";
import { Judge, judgeSamples } from "./judge.ts";
import { fillModel, modelOf } from "./models.ts";
import { type Outcome, Unsupported, outcomeOf } from "./outcome.ts";
import { type Batch, batchesOf } from "./training-data.ts";

type Loss = (outputs: Tensor, labels: Tensor) => Tensor;

/** The losses, by the goldens' words. */
const losses: Readonly<Record<string, Loss>> = {
  "mean cross-entropy": (outputs, labels) => crossEntropy(outputs, labels),
  "mean cross-entropy over the pixels": (outputs, labels) => crossEntropy(outputs, labels),
  "mean of (output - one-hot label)^2": (outputs, labels) =>
    mseLoss(outputs, cast(oneHot(labels, at(outputs.shape, 1)), "float32")),
};

function lossOf(golden: JsonObject): Loss {
  const words = asText(golden["loss"], "loss");
  const loss = Object.hasOwn(losses, words) ? losses[words] : undefined;
  if (!loss) throw new Unsupported(`training runs with the loss "${words}"`);
  return loss;
}

/** The optimizer, with clipping before it where the run clips. */
function clipped(optimizer: Optimizer, golden: JsonObject): Optimizer {
  if (golden["clip"] === undefined) return optimizer;
  const words = asText(golden["clip"], "clip");
  const bound = /^gradients scaled to a global norm of at most ([\d.]+)$/.exec(words)?.[1];
  if (bound === undefined) throw new Unsupported(`training runs with clipping: "${words}"`);
  return chain(clipByGlobalNorm(Number(bound)), optimizer);
}

function optimizerOf(given: Arguments): Optimizer {
  const name = given.text("name");
  const learningRate = given.number("learning_rate");
  if (
    given.text("decays", "every parameter, normalisation and biases too") !==
    "every parameter, normalisation and biases too"
  )
    return given.unsupported("that decays some parameters only");
  if (name === "sgd")
    return sgd({
      learningRate,
      momentum: given.number("momentum", 0),
      dampening: given.number("dampening", 0),
      weightDecay: given.number("weight_decay", 0),
      nesterov: given.flag("nesterov", false),
    });
  if (name !== "adam" && name !== "adamw") return given.unsupported(name);
  const [beta1 = 0.9, beta2 = 0.999] = given.has("betas") ? given.numbers("betas") : [];
  const options = { learningRate, betas: [beta1, beta2] as const, epsilon: given.number("epsilon", 1e-8) };
  return name === "adam"
    ? adam({ ...options, weightDecay: given.number("weight_decay", 0) })
    : adamW({ ...options, weightDecay: given.number("weight_decay", 0.01) });
}

async function judgeParameters(judge: Judge, model: Module, golden: JsonObject): Promise<void> {
  const tolerance = asNumber(asObject(golden["tolerance"], "tolerance")["parameters"], "tolerance of parameters");
  const cells = namedCells(model);
  for (const [path, value] of Object.entries(asObject(golden["after"], "after"))) {
    const entry = asObject(value, path);
    const data = await cells.get(path)?.value.data();
    if (!data) {
      judge.misses.push(`the model has no ${path}`);
      continue;
    }
    const [norm, scale] = [asNumber(entry["norm"], "norm"), asNumber(entry["scale"], "scale")];
    judge.check(
      `norm of ${path}`,
      Math.sqrt(Float64Array.from(data, (x) => x ** 2).reduce((sum, square) => sum + square, 0)),
      norm,
      tolerance * norm,
    );
    judgeSamples(judge, path, data, entry["samples"], tolerance * scale);
  }
}

/** Ten times what PyTorch's own float32 is off, at least 1e-4: the rule of all golden models. */
function toleranceFor(float32Error: number): number {
  return Math.max(10 * float32Error, 1e-4);
}

function judgeAccuracy(
  judge: Judge,
  evaluation: JsonObject,
  predictions: Float32Array,
  { y, classes }: { y: ArrayLike<number>; classes: number },
): void {
  const rows = Array.from({ length: predictions.length / classes }, (_, row) =>
    predictions.subarray(row * classes, (row + 1) * classes),
  );
  const best = rows.map((row) => row.indexOf(Math.max(...row)));
  const correct = best.filter((label, index) => label === y[index]).length;
  const golden = asNumber(evaluation["correct"], "correct");
  // As far off as PyTorch's own float32 is, and one image more.
  judge.check(
    "the number of images recognised",
    correct,
    golden,
    Math.abs(golden - asNumber(evaluation["correct_in_float32"], "correct_in_float32")) + 1,
  );
  for (const [index, expected] of asNumbers(evaluation["first_predictions"], "first_predictions").entries())
    judge.check(`prediction ${index}`, best[index] ?? -1, expected, 0);
}

async function judgeEvaluation(judge: Judge, model: Module, golden: JsonObject, data: string): Promise<void> {
  if (golden["evaluation"] === undefined) return;
  const evaluation = asObject(golden["evaluation"], "evaluation");
  const description = golden["evaluation_data"] ?? golden["data"];
  const [batch] = batchesOf(asText(description, "evaluation_data"), data);
  if (!batch) return;
  const forward = compile((x: Tensor) => model.forward(x), { name: "evaluation", modules: [model] });
  // Where no other data are named, as many of the training data as there are logits.
  const rows =
    golden["evaluation_data"] === undefined ? asList(evaluation["logits"], "logits").length : batch.x.shape[0];
  const x = slice(
    batch.x,
    batch.x.shape.map(() => 0),
    [rows ?? 0, ...batch.x.shape.slice(1)],
  );
  const logits = evaluating(() => forward(x));
  const found = Float32Array.from(await logits.data());
  if (evaluation["logits"] === undefined)
    judgeAccuracy(judge, evaluation, found, { y: await batch.y.data(), classes: logits.shape[1] ?? 1 });
  else {
    const expected = asList(evaluation["logits"], "logits").flatMap((row) => asNumbers(row, "logits"));
    const largest = Math.max(...expected.map(Math.abs));
    const allowed = toleranceFor(asNumber(evaluation["float32_error"], "float32_error")) * largest;
    for (const [index, value] of expected.entries())
      judge.check(`logits[${index}]`, found[index] ?? Number.NaN, value, allowed);
  }
  forward.clear();
}

export interface TrainingOptions {
  /** Makes only so many steps, and looks at the losses only. */
  readonly steps?: number;
}

/** One training run. `data` is the folder of the data sets. */
export function runTraining(
  golden: JsonObject,
  data: string | undefined,
  { steps }: TrainingOptions = {},
): Promise<Outcome> {
  return outcomeOf(async () => {
    const model = modelOf("training runs of", asText(golden["model"], "model"), golden["options"]);
    fillModel(model, asText(golden["fill_prefix"] ?? "", "fill_prefix"));
    if (data === undefined)
      throw new Unsupported("training runs without the data sets (STRIA_DATA names their folder)");
    const loss = lossOf(golden);
    const optimizer = clipped(
      readAll("training with", asObject(golden["optimizer"], "optimizer"), optimizerOf),
      golden,
    );
    const [size] = asNumbers(asList(golden["batch"], "batch")[0], "batch");
    const batches = batchesOf(asText(golden["data"], "data"), data, size);
    const [expectedLosses, total] = [asNumbers(golden["losses"], "losses"), asNumber(golden["steps"], "steps")];
    const tolerances = asNumbers(asObject(golden["tolerance"], "tolerance")["losses"], "tolerance of losses");
    const step = trainStep(model, optimizer, (trained, { x, y }: Batch) => loss(trained.forward(x), y));
    const judge = new Judge();
    for (let index = 0; index < Math.min(steps ?? total, total) && judge.misses.length === 0; index++) {
      const batch = batches[index % batches.length];
      if (!batch) throw new Error("there are no batches");
      const made = await step(batch);
      const expected = expectedLosses[index] ?? Number.NaN;
      judge.check(`the loss of step ${index}`, made.loss, expected, (tolerances[index] ?? 0) * Math.abs(expected));
    }
    if (judge.misses.length === 0 && (steps === undefined || steps >= total)) {
      await judgeParameters(judge, model, golden);
      await judgeEvaluation(judge, model, golden, data);
    }
    return judge.outcome();
  });
}
