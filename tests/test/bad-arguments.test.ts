// Bad input, JavaScript's mistakes: what TypeScript would have refused is refused by an error that says what to do, and changes nothing.
import { beforeAll, expect, test } from "vitest";
import {
  type Backend,
  StriaError,
  type Tensor,
  add,
  checkpoint,
  compile,
  customGradient,
  grad,
  randomState,
  tensor,
  useBackend,
  valueAndGrad,
  vjp,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { listDataset, loader, streamDataset } from "@stria/data";
import { Linear, crossEntropy, dense, loadStateDict, sequential, stateDict, summary } from "@stria/layers";
import {
  adadelta,
  adagrad,
  adam,
  adamW,
  adamax,
  chain,
  cosine,
  cosineAnnealing,
  cosineWarmRestarts,
  cyclic,
  cyclicMomentum,
  exponentialDecay,
  lamb,
  lars,
  lbfgs,
  lion,
  multiStepDecay,
  multiplicative,
  nadam,
  oneCycle,
  oneCycleMomentum,
  polynomialDecay,
  radam,
  reduceOnPlateau,
  rmsprop,
  rprop,
  sequence,
  sgd,
  stepDecay,
} from "@stria/optimizers";
import {
  type LabelledBatch,
  accuracy,
  evaluate,
  fit,
  loadModelFile,
  predict,
  saveModel,
  saveModelFile,
  trainStep,
} from "@stria/training";

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend(reference());
});

const model = new Linear(2, 3);
const optimizer = sgd({ learningRate: 0.1 });
const batch = (): LabelledBatch => ({ x: tensor([[1, 2]]), y: tensor(Int32Array.of(1)) });
const options = { loss: crossEntropy, optimizer, epochs: 1 };
const loss = (m: Linear, { x, y }: LabelledBatch): Tensor => crossEntropy(m.forward(x), y);

/** A function of what its types do not allow. */
type Loose = (...given: never[]) => unknown;
const loosely =
  (f: Loose, ...given: readonly unknown[]): (() => unknown) =>
  () =>
    f(...(given as never[]));

/** A callback whose class has a method that fit does not call. */
class Misnamed {
  onBatchEnd(): void {}
}

/** What takes options that it cannot do without, and what is before them. */
const needOptions: readonly { readonly make: Loose; readonly before: readonly number[] }[] = [
  ...[adagrad, adam, adamW, adamax, lamb, lars, lion, nadam, radam, rmsprop, sgd, oneCycleMomentum].map((make) => ({
    make,
    before: [],
  })),
  ...[cosine, cosineAnnealing, cosineWarmRestarts, oneCycle].map((make) => ({ make, before: [0.1] })),
  ...[stepDecay, multiStepDecay, exponentialDecay, polynomialDecay].map((make) => ({ make, before: [0.1] })),
  ...[cyclic, cyclicMomentum].map((make) => ({ make, before: [0.1, 0.2] })),
];

const mistakes: readonly [name: string, f: () => unknown, message: RegExp][] = [
  [
    "trainStep of no model",
    loosely(trainStep, undefined, optimizer, loss),
    /trainStep: the model is undefined.*sequential/,
  ],
  ["trainStep without optimizer", loosely(trainStep, model), /trainStep: the optimizer is undefined.*adam\(/],
  ["the maker of an optimizer", loosely(trainStep, model, adam, loss), /the optimizer is function.*adam\(\{/],
  ["trainStep without loss", loosely(trainStep, model, optimizer), /trainStep: the loss is undefined.*crossEntropy/],
  ["a batch that is none", () => trainStep(model, optimizer, loss)(undefined as never), /the batch is undefined/],
  [
    "a batch that is a Promise",
    () => trainStep(model, optimizer, loss)(Promise.resolve(batch()) as never),
    /a Promise stands where a tensor is expected.*await/,
  ],
  ["arrays in a batch", () => trainStep(model, optimizer, loss)({ x: [[1, 2]], y: [1] } as never), /expected a tensor/],
  ["fit of no model", loosely(fit, undefined, [batch()], options), /fit: the model is undefined/],
  ["fit of a Promise of a model", loosely(fit, Promise.resolve(model), [batch()], options), /a Promise. Remedy: await/],
  ["fit of an object", loosely(fit, {}, [batch()], options), /fit: the model is object/],
  ["fit without data", loosely(fit, model, undefined, options), /should give the batches is undefined.*loader\(/],
  ["fit of a dataset", loosely(fit, model, listDataset([{ x: 1 }]), options), /pass loader\(dataset/],
  ["fit of a Promise of a loader", loosely(fit, model, Promise.resolve([]), options), /is a Promise. Remedy: await/],
  ["fit without options", loosely(fit, model, [batch()]), /fit: the loss is undefined/],
  ["fit without optimizer", loosely(fit, model, [batch()], { loss: crossEntropy }), /fit: the optimizer is undefined/],
  [
    "a metric that is none",
    loosely(fit, model, [batch()], { ...options, metrics: { accuracy: undefined } }),
    /metric accuracy/,
  ],
  [
    "callbacks that are no list",
    loosely(fit, model, [batch()], { ...options, callbacks: {} }),
    /callbacks is object.*list/,
  ],
  [
    "a callback that is none",
    loosely(fit, model, [batch()], { ...options, callbacks: [undefined] }),
    /a callback is undef/,
  ],
  ["validation that is none", loosely(fit, model, [batch()], { ...options, validation: 3 }), /batches is number/],
  ["evaluate without metrics", loosely(evaluate, model, [batch()]), /evaluate: the table of metrics is undefined/],
  ["a loss among the metrics", loosely(evaluate, model, [batch()], { loss: crossEntropy }), /metric loss.*meanLoss\(/],
  ["evaluate of no model", loosely(evaluate, undefined, [batch()], { accuracy }), /evaluate: the model is undefined/],
  ["predict of no model", loosely(predict, undefined, batch().x), /predict: the model is undefined/],
  ["predict of nothing", loosely(predict, model), /predict: the input is undefined.*batch axis/],
  ["predict of an item", loosely(predict, model, new Float32Array(2)), /predict: the input is .*batch axis/],
  ["predict of numbers", loosely(predict, model, [1, 2]), /predict: the input is an array.*batch axis/],
  ["a metric without its name", loosely(evaluate, model, [batch()], accuracy), /metrics by name: \{ accuracy/],
  [
    "a model where a path stands",
    loosely(saveModelFile, model, "m.safetensors"),
    /file: the path is object.*pass it first/,
  ],
  [
    "metadata that are no Map",
    loosely(saveModel, model, { metadata: { name: "text" } }),
    /saveModel: the metadata are no Map.*new Map/,
  ],
  [
    "a Promise in an op",
    loosely(add, tensor(1), Promise.resolve(tensor(1))),
    /add: expected a tensor, got a Promise.*await it first/,
  ],
  [
    "metadata that are no Map",
    loosely(saveModel, model, { metadata: { name: "text" } }),
    /saveModel: the metadata are no Map.*new Map/,
  ],
  [
    "a Promise in an op",
    loosely(add, tensor(1), Promise.resolve(tensor(1))),
    /add: expected a tensor, got a Promise.*await it first/,
  ],
  ["no path", loosely(loadModelFile, undefined, model), /file: the path is undefined/],
  ["tensor of nothing", loosely(tensor), /tensor: undefined stands where a number is expected/],
  ["tensor of text", loosely(tensor, "3"), /tensor: string stands/],
  ["tensor of a hole", loosely(tensor, [1, null]), /tensor: null stands/],
  ["tensor of an object", loosely(tensor, {}), /tensor: object stands/],
  ["tensor of a Promise", loosely(tensor, Promise.resolve(1)), /tensor: a Promise stands/],
  ["tensor of a tensor", loosely(tensor, [tensor(1)]), /tensor: a tensor stands/],
  ["tensor of float64", loosely(tensor, new Float64Array(1)), /a Float64Array does not hold.*Float32Array\.from/],
  ["no backend", loosely(useBackend), /useBackend: undefined is no backend.*cpu\(\)/],
  ["to no backend", () => tensor(1).to(undefined as never), /undefined is no backend/],
  ["a step of chain that is none", loosely(chain, undefined, optimizer), /chain: a step is undefined/],
  [
    "a state dict that is no Map",
    loosely(loadStateDict, model, { weight: 1 }),
    /loadStateDict: the state dict is no Map/,
  ],
  [
    "a class in a list of layers",
    loosely(sequential, [Linear], { inputShape: [2] }),
    /entry 0 is the class Linear.*new it/,
  ],
  ["layers that are no list", loosely(sequential, dense(3), dense(2)), /the layers are no list.*sequential\(\[/],
  [
    "a maker of layers, not called",
    loosely(sequential, [dense], { inputShape: [2] }),
    /entry 0 is a function that made no layer.*call/,
  ],
  ["summary without a shape", loosely(summary, model), /summary: the shape of an input is no list.*\[1, 28, 28\]/],
  ["loader without options", loosely(loader, listDataset([{ x: 1 }])), /loader: batchSize NaN/],
  [
    "loader of an array",
    loosely(loader, [{ x: 1 }], { batchSize: 1 }),
    /the dataset is an array.*listDataset\(array\)/,
  ],
  ["listDataset of nothing", loosely(listDataset), /listDataset: the list of items is undefined.*pass an array/],
  ["listDataset of a Promise", loosely(listDataset, Promise.resolve([])), /listDataset: .* is a Promise.*awaited/],
  ["streamDataset of an array", loosely(streamDataset, [1]), /streamDataset: the source is an array.*\(\) => items/],
  ["predict of arrays", loosely(predict, model, [[1, 2]]), /expected a tensor, got an array.*tensor\(\.\.\.\)/],
  ["compile of nothing", loosely(compile), /compile: undefined stands where a function is expected.*compile\(\(x\)/],
  ["grad of a number", loosely(grad, 3), /grad: number stands where a function is expected.*grad\(\(x\)/],
  ["valueAndGrad of nothing", loosely(valueAndGrad), /valueAndGrad: undefined stands.*valueAndGrad\(model, f\)/],
  ["valueAndGrad of a model and no function", loosely(valueAndGrad, model, 3), /valueAndGrad: number stands/],
  ["vjp of null", loosely(vjp, null), /vjp: null stands where a function is expected/],
  ["checkpoint of an array", loosely(checkpoint, []), /checkpoint: an array stands where a function is expected/],
  ["customGradient of nothing", loosely(customGradient), /customGradient: undefined stands where a function/],
  [
    "a hook that there is not",
    loosely(fit, model, [batch()], { ...options, callbacks: [{ onEpoch() {} }] }),
    /fit: a callback has onEpoch, which is never called.*onStart, onStep, onEpochEnd, afterEpoch, onEnd/,
  ],
  [
    "a hook of a class that there is not",
    loosely(fit, model, [batch()], { ...options, callbacks: [new Misnamed()] }),
    /fit: a callback has onBatchEnd/,
  ],
  ["loader of a Promise", loosely(loader, Promise.resolve(), { batchSize: 1 }), /the dataset is a Promise/],
];

function errorOf(f: () => unknown): string {
  try {
    f();
  } catch (error) {
    return error instanceof StriaError ? String(error) : `an error of JavaScript's own: ${String(error)}`;
  }
  return "nothing was thrown";
}

async function whatIsHeld(): Promise<object> {
  const values = await Promise.all([...stateDict(model)].map(async ([path, value]) => [path, await value.array()]));
  return { values, random: randomState() };
}

test.each(mistakes)("%s", async (_, f, message) => {
  const before = await whatIsHeld();
  const held = backend.memory();
  const error: unknown = await Promise.resolve()
    .then(f)
    .catch((fault: unknown) => fault);
  expect(error).toBeInstanceOf(StriaError);
  expect(String(error)).toMatch(message);
  expect(backend.memory()).toEqual(held);
  expect(await whatIsHeld()).toEqual(before);
});

test.each(needOptions)("$make.name without options", ({ make, before }) => {
  const missing = new RegExp(
    `^AttributeError: ${make.name}: the options are missing. Remedy: pass \\{ [a-z]+.*: .* \\}\\.$`,
    "i",
  );
  expect(errorOf(loosely(make, ...before))).toMatch(missing);
  expect(errorOf(loosely(make, ...before, null))).toContain(`${make.name}: the options are null`);
  expect(errorOf(loosely(make, ...before, 3))).toContain(`${make.name}: the options are number`);
});

test("options that may be left out are options where they are given", () => {
  for (const make of [adadelta, rprop, lbfgs]) expect(errorOf(loosely(make, 3))).toContain("the options are number");
  expect(errorOf(loosely(reduceOnPlateau, 0.1, null))).toContain("reduceOnPlateau: the options are null");
});

test("what schedules are made of is held where it is given", () => {
  expect(errorOf(loosely(multiplicative, 1))).toContain("multiplicative: factor is undefined");
  expect(errorOf(loosely(multiStepDecay, 1, { milestones: 3 }))).toContain("multiStepDecay: milestones is number");
  expect(errorOf(loosely(sequence))).toContain("sequence: schedules is undefined");
  expect(errorOf(loosely(sequence, [1], []))).toContain("sequence: a schedule is number");
  expect(errorOf(loosely(sequence, []))).toContain("sequence: milestones is undefined");
});

test("what a callback has of its own is not taken for a hook", async () => {
  class Counting {
    once = 1;
    ongoing = true;
    only(): void {}
    onStep(): void {
      this.once++;
    }
  }
  const counting = new Counting();
  await fit(sequential([dense(3)], { inputShape: [2] }), [batch()], { ...options, callbacks: [counting] });
  expect(counting.once).toBe(2);
});

test("after all of that a correct call works", async () => {
  const { loss: value } = await trainStep(
    sequential([dense(3)], { inputShape: [2] }),
    optimizer,
    (m, b: LabelledBatch) => crossEntropy(m.forward(b.x), b.y),
  )(batch());
  expect(value).toBeGreaterThan(0);
  expect(await compile((x: Tensor) => x.add(1))(tensor(1)).item()).toBe(2);
});
