// Initialisers: many draws are held against the golden figures (bound, deviation, mean), fixed values and gains exactly.
import { type Initialiser, type Shape, at, namedCells, setSeed, sizeOf, streamKey } from "@stria/core";
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  Conv1d,
  Conv2d,
  Conv3d,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  Embedding,
  GRU,
  GroupNorm,
  LSTM,
  Linear,
  type Nonlinearity,
  PReLU,
  RNN,
  initialisers,
} from "@stria/layers";
import { type JsonObject, asNumber, asNumbers, asObject, asText } from "./json.ts";
import { Arguments } from "./arguments.ts";
import { type Outcome, Unsupported, failed, outcomeOf, passed } from "./outcome.ts";

/** Draws that make the deviation of a sample certain to about a percent. */
const leastDraws = 20_000;

function nonlinearity(given: Arguments, fallback: string): Nonlinearity {
  const name = given.text("nonlinearity", fallback);
  const names: Readonly<Record<string, Nonlinearity>> = {
    linear: "linear",
    conv1d: "conv",
    conv2d: "conv",
    conv3d: "conv",
    sigmoid: "sigmoid",
    tanh: "tanh",
    relu: "relu",
    leaky_relu: "leakyRelu",
    selu: "selu",
  };
  return (Object.hasOwn(names, name) ? names[name] : undefined) ?? given.unsupported(`for ${name}`);
}

function kaiming(make: typeof initialisers.kaimingUniform): (given: Arguments) => Initialiser {
  return (given) => {
    const mode = given.text("mode", "fan_in");
    return make({
      mode: mode === "fan_in" ? "fanIn" : "fanOut",
      nonlinearity: nonlinearity(given, "leaky_relu"),
      slope: given.number("a", 0),
    });
  };
}

const functions: Readonly<Record<string, (given: Arguments) => Initialiser>> = {
  "torch.nn.init.xavier_uniform_": (given) => initialisers.xavierUniform({ gain: given.number("gain", 1) }),
  "torch.nn.init.xavier_normal_": (given) => initialisers.xavierNormal({ gain: given.number("gain", 1) }),
  "torch.nn.init.kaiming_uniform_": kaiming(initialisers.kaimingUniform),
  "torch.nn.init.kaiming_normal_": kaiming(initialisers.kaimingNormal),
  "torch.nn.init.trunc_normal_": (given) =>
    initialisers.truncatedNormal(
      given.number("mean", 0),
      given.number("std", 1),
      given.number("a", -2),
      given.number("b", 2),
    ),
  "torch.nn.init.uniform_": (given) => initialisers.uniform(given.number("a", 0), given.number("b", 1)),
  "torch.nn.init.normal_": (given) => initialisers.normal(given.number("mean", 0), given.number("std", 1)),
  "torch.nn.init.orthogonal_": (given) => initialisers.orthogonal(given.number("gain", 1)),
  "torch.nn.init.sparse_": (given) => initialisers.sparse(given.number("sparsity"), given.number("std", 0.01)),
  "torch.nn.init.dirac_": (given) => initialisers.dirac(given.number("groups", 1)),
  "torch.nn.init.eye_": () => initialisers.eye,
  "torch.nn.init.constant_": (given) => initialisers.constant(given.number("val")),
};

/** What PyTorch's layers are built with, and the layer of Stria that starts as they do. */
const layers: Readonly<Record<string, (given: Arguments) => object>> = {
  "torch.nn.Linear": (given) =>
    new Linear(given.number("in_features"), given.number("out_features"), { bias: given.flag("bias", true) }),
  "torch.nn.Conv1d": (given) => new Conv1d(...convolution(given)),
  "torch.nn.Conv2d": (given) => new Conv2d(...convolution(given)),
  "torch.nn.Conv3d": (given) => new Conv3d(...convolution(given)),
  "torch.nn.ConvTranspose1d": (given) => new ConvTranspose1d(...convolution(given)),
  "torch.nn.ConvTranspose2d": (given) => new ConvTranspose2d(...convolution(given)),
  "torch.nn.ConvTranspose3d": (given) => new ConvTranspose3d(...convolution(given)),
  "torch.nn.BatchNorm1d": (given) => new BatchNorm1d(given.number("num_features")),
  "torch.nn.BatchNorm2d": (given) => new BatchNorm2d(given.number("num_features")),
  "torch.nn.BatchNorm3d": (given) => new BatchNorm3d(given.number("num_features")),
  "torch.nn.GroupNorm": (given) => new GroupNorm(given.number("num_groups"), given.number("num_channels")),
  "torch.nn.RNN": (given) => new RNN(given.number("input_size"), given.number("hidden_size")),
  "torch.nn.LSTM": (given) => new LSTM(given.number("input_size"), given.number("hidden_size")),
  "torch.nn.GRU": (given) => new GRU(given.number("input_size"), given.number("hidden_size")),
  "torch.nn.Embedding": (given) =>
    new Embedding(given.number("num_embeddings"), given.number("embedding_dim"), {
      ...(given.has("padding_idx") && { paddingIndex: given.number("padding_idx") }),
    }),
  "torch.nn.PReLU": (given) => new PReLU(given.number("num_parameters", 1)),
};

function convolution(given: Arguments): ConstructorParameters<typeof Conv2d> {
  return [
    given.number("in_channels"),
    given.number("out_channels"),
    given.perAxis("kernel_size"),
    { groups: given.number("groups", 1), bias: given.flag("bias", true) },
  ];
}

/** One after the other until there are enough. */
async function draw(
  size: number,
  once: (round: number) => Promise<ArrayLike<number>> | ArrayLike<number>,
): Promise<number[]> {
  const all: number[] = [];
  for (let round = 0; all.length < leastDraws && round * Math.max(1, size) < leastDraws; round++)
    all.push(...Array.from(await once(round)));
  return all;
}

/** The figures that a sample has to have. Undefined when all agree. */
function disagreement(sample: readonly number[], expected: JsonObject): string | undefined {
  const figure = (name: string): number | undefined =>
    expected[name] === undefined ? undefined : asNumber(expected[name], name);
  const count = sample.length;
  const mean = sample.reduce((sum, value) => sum + value, 0) / count;
  const std = Math.sqrt(sample.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
  const smallest = sample.reduce((least, value) => Math.min(least, value), Infinity);
  const largest = sample.reduce((most, value) => Math.max(most, value), -Infinity);
  const constant = figure("constant");
  if (constant !== undefined)
    return sample.every((value) => value === constant) ? undefined : `not all are ${constant}`;
  const bound = figure("bound");
  const [low, high] = bound === undefined ? [figure("low"), figure("high")] : [-bound, bound];
  const deviation = figure("std") ?? (bound === undefined ? undefined : bound / Math.sqrt(3));
  const middle = figure("mean") ?? 0;
  if (low !== undefined && smallest < low - 1e-6 * Math.abs(low))
    return `the smallest is ${smallest}, the bound ${low}`;
  if (high !== undefined && largest > high + 1e-6 * Math.abs(high))
    return `the largest is ${largest}, the bound ${high}`;
  if (bound !== undefined && (largest < 0.99 * bound || smallest > -0.99 * bound))
    return `${smallest} to ${largest} does not reach ${bound}`;
  if (deviation !== undefined && Math.abs(std / deviation - 1) > 0.025)
    return `the standard deviation is ${std}, golden ${deviation}`;
  const spread = deviation ?? std;
  // Five standard errors.
  if (Math.abs(mean - middle) > (5 * spread) / Math.sqrt(count)) return `the mean is ${mean}, golden ${middle}`;
  return undefined;
}

/** Whether the rows, or the columns, are orthogonal and as long as the gain. */
function judgeOrthonormal(values: ArrayLike<number>, expected: JsonObject): Outcome {
  const figure = (name: string): number => asNumber(expected[name], name);
  const [rows, columns, gain] = [figure("rows"), figure("columns"), figure("gain")];
  const byRow = asText(expected["orthonormal"], "orthonormal") === "rows";
  const [count, length] = byRow ? [rows, columns] : [columns, rows];
  const element = (vector: number, place: number): number =>
    at(values, byRow ? vector * columns + place : place * columns + vector);
  for (let a = 0; a < count; a++)
    for (let b = 0; b < count; b++) {
      let product = 0;
      for (let place = 0; place < length; place++) product += element(a, place) * element(b, place);
      if (!(Math.abs(product - (a === b ? gain * gain : 0)) <= 1e-6 * gain * gain))
        return failed(`the product of vectors ${a} and ${b} is ${product}`);
    }
  return passed;
}

function zerosByColumn(values: readonly number[], columns: number): number[] {
  return Array.from(
    { length: columns },
    (_, column) => values.filter((value, index) => index % columns === column && value === 0).length,
  );
}

async function judgeFunction(
  make: (given: Arguments) => Initialiser,
  given: Arguments,
  shape: Shape,
  expected: JsonObject,
): Promise<Outcome> {
  const initialise = make(given);
  if (expected["values"] !== undefined) {
    const values = asNumbers(expected["values"], "values");
    const found = initialise(shape, streamKey(0, given.call));
    return values.length === found.length && values.every((value, index) => value === found[index])
      ? passed
      : failed("other values");
  }
  if (expected["orthonormal"] !== undefined)
    return judgeOrthonormal(initialise(shape, streamKey(0, given.call)), expected);
  if (expected["zeros_per_column"] !== undefined) {
    const zeros = asNumber(expected["zeros_per_column"], "zeros_per_column");
    const sample = await draw(sizeOf(shape), (round) => {
      const values = Array.from(initialise(shape, streamKey(round, given.call)));
      return zerosByColumn(values, at(shape, 1)).every((count) => count === zeros)
        ? values.filter((value) => value !== 0)
        : [NaN];
    });
    const fault = sample.some(Number.isNaN) ? `not all columns have ${zeros} zeros` : disagreement(sample, expected);
    return fault === undefined ? passed : failed(fault);
  }
  const sample = await draw(sizeOf(shape), (round) => initialise(shape, streamKey(round, given.call)));
  const reason = disagreement(sample, expected);
  return reason === undefined ? passed : failed(reason);
}

/** What is drawn of a parameter: all but a row that has to be 0. @throws Error where it is not. */
function withoutZeroRow(values: ArrayLike<number>, shape: Shape, figures: JsonObject): number[] {
  const all = Array.from(values);
  if (figures["zero_row"] === undefined) return all;
  const size = at(shape, 1);
  const row = all.splice(asNumber(figures["zero_row"], "zero_row") * size, size);
  if (row.some((value) => value !== 0)) throw new Error("the row of padding is not 0");
  return all;
}

async function judgeLayer(
  build: (given: Arguments) => object,
  given: Arguments,
  expected: JsonObject,
): Promise<Outcome> {
  for (const [name, value] of Object.entries(expected)) {
    const figures = asObject(value, name);
    const shape = asNumbers(figures["shape"], "shape");
    const sample = await draw(sizeOf(shape), async (round) => {
      setSeed(round);
      const cell = namedCells(build(given)).get(name);
      if (!cell || cell.shape.join() !== shape.join())
        throw new Error(`there is no parameter ${name} of shape [${shape.join(", ")}]`);
      return withoutZeroRow(await cell.value.data(), shape, figures);
    });
    const reason = disagreement(sample, figures);
    if (reason !== undefined) return failed(`${name}: ${reason}`);
  }
  return passed;
}

function judgeGain(given: Arguments, expected: JsonObject): Outcome {
  const golden = asNumber(expected["gain"], "gain");
  const found = initialisers.gainOf(nonlinearity(given, "linear"), given.number("param", 0.01));
  return Math.abs(found - golden) <= 1e-9 * golden ? passed : failed(`the gain is ${found}, golden ${golden}`);
}

/** One case of init.json. */
export function runInitCase(item: JsonObject): Promise<Outcome> {
  return outcomeOf(async () => {
    const call = asText(item["call"], "call");
    const given = new Arguments(
      call,
      item["args"] === undefined ? {} : asObject(item["args"], "args"),
      new Map(),
      true,
    );
    const expected = asObject(item["expected"], "expected");
    const known = <T>(table: Readonly<Record<string, T>>): T | undefined =>
      Object.hasOwn(table, call) ? table[call] : undefined;
    const [make, build] = [known(functions), known(layers)];
    let outcome: Outcome;
    if (call === "torch.nn.init.calculate_gain") outcome = judgeGain(given, expected);
    else if (make) outcome = await judgeFunction(make, given, asNumbers(item["shape"], "shape"), expected);
    else if (build) outcome = await judgeLayer(build, given, expected);
    else throw new Unsupported(call);
    const unread = given.unread();
    if (unread.length > 0) throw new Unsupported(`${call} with ${unread.join(", ")}`);
    return outcome;
  });
}
