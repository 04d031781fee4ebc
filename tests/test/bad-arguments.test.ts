// Bad input, JavaScript's mistakes: what TypeScript would have refused is refused by an error that says what to do, and changes nothing.
import { beforeAll, expect, test } from "vitest";
import { type Backend, StriaError, type Tensor, compile, randomState, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { listDataset, loader } from "@stria/data";
import { Linear, crossEntropy, dense, loadStateDict, sequential, stateDict } from "@stria/layers";
import { adam, chain, sgd } from "@stria/optimizers";
import { type LabelledBatch, accuracy, evaluate, fit, predict, trainStep } from "@stria/training";

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
  ["loader without options", loosely(loader, listDataset([{ x: 1 }])), /loader: batchSize NaN/],
  [
    "loader of an array",
    loosely(loader, [{ x: 1 }], { batchSize: 1 }),
    /the dataset is an array.*listDataset\(array\)/,
  ],
  ["loader of a Promise", loosely(loader, Promise.resolve(), { batchSize: 1 }), /the dataset is a Promise/],
];

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

test("after all of that a correct call works", async () => {
  const { loss: value } = await trainStep(
    sequential([dense(3)], { inputShape: [2] }),
    optimizer,
    (m, b: LabelledBatch) => crossEntropy(m.forward(b.x), b.y),
  )(batch());
  expect(value).toBeGreaterThan(0);
  expect(await compile((x: Tensor) => x.add(1))(tensor(1)).item()).toBe(2);
});
