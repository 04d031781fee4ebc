// Optimizers, averages, clipping: given gradients, the parameters after some steps. Each step is one traced graph, as in a training step.
import { type HostTensor, type Tensor, compile, fromHost, full, hostScalar, tensor } from "@stria/core";
import {
  type AverageShare,
  type GradientTransformation,
  type NamedTensors,
  type Optimizer,
  type OptimizerState,
  clipByGlobalNorm,
  clipByValue,
  globalNorm,
  moveAverage,
} from "@stria/optimizers";
import { Arguments } from "./arguments.ts";
import { type JsonObject, asNumber, asNumbers, asObject, asText } from "./json.ts";
import { judgeMinimiser } from "./minimisers.ts";
import { type Tensors, goldenTensor } from "./ops-case.ts";
import { averages, minimisers, optimizers } from "./optimizer-calls.ts";
import { type Outcome, Unsupported, failed, outcomeOf, passed } from "./outcome.ts";
import { describeDeviation, worstDeviation } from "./tolerance.ts";

interface Clip {
  readonly transformation: GradientTransformation;
  /** Of the norm; nothing where values are cut. */
  readonly order: number | undefined;
}

const clips: Readonly<Record<string, (given: Arguments) => Clip>> = {
  "torch.nn.utils.clip_grad_norm_": (given) => {
    const order = given.number("norm_type", 2);
    return { transformation: clipByGlobalNorm(given.number("max_norm"), { order }), order };
  },
  "torch.nn.utils.clip_grad_value_": (given) => ({
    transformation: clipByValue(given.number("clip_value")),
    order: undefined,
  }),
};

interface Judge {
  readonly names: readonly string[];
  readonly tensors: Tensors;
  compare(name: string, found: Tensor, key: string): Promise<string | undefined>;
}

/** Row `step` of the gradients that serve every case. */
function gradientsAt({ names, tensors }: Judge, step: number): NamedTensors {
  return new Map(
    names.map((name) => {
      const { data, shape } = goldenTensor(tensors, `gradient/${name}`);
      const rest = shape.slice(1);
      const size = data.length / (shape[0] ?? 1);
      return [name, fromHost(data.slice(step * size, (step + 1) * size), rest, "float32")];
    }),
  );
}

function initialOf({ names, tensors }: Judge): NamedTensors {
  const host = (name: string): HostTensor => goldenTensor(tensors, `initial/${name}`);
  return new Map(names.map((name) => [name, tensor(host(name).data, { shape: host(name).shape })]));
}

async function judgeOptimizer(
  optimizer: Optimizer,
  id: string,
  steps: readonly number[],
  judge: Judge,
): Promise<string | undefined> {
  let parameters = initialOf(judge);
  const specs = optimizer.init(new Map([...parameters].map(([name, { aval }]) => [name, aval])));
  let state: OptimizerState = new Map(
    [...specs].map(([slot, entries]) => [
      slot,
      new Map([...entries].map(([name, { shape, value, dtype }]) => [name, full(shape, value, dtype)])),
    ]),
  );
  const update = compile(
    (p: NamedTensors, s: OptimizerState, g: NamedTensors) =>
      optimizer.update({ parameters: p, state: s, gradients: g, scalar: hostScalar }),
    { name: id },
  );
  try {
    for (let step = 0; step < Math.max(...steps); step++) {
      const context = { step, learningRate: optimizer.learningRate(step) };
      ({ parameters, state } = update.runWith(context, parameters, state, gradientsAt(judge, step)));
      if (!steps.includes(step + 1)) continue;
      for (const [name, found] of parameters) {
        const miss = await judge.compare(`step ${step + 1}, ${name}`, found, `${id}/step${step + 1}/${name}`);
        if (miss !== undefined) return miss;
      }
    }
    return undefined;
  } finally {
    update.clear();
  }
}

/** The average of what the other cases have for gradients. */
async function judgeAverage(
  share: AverageShare,
  id: string,
  steps: readonly number[],
  judge: Judge,
): Promise<string | undefined> {
  const update = compile(
    (average: NamedTensors, parameters: NamedTensors) =>
      moveAverage(share, { average, parameters, scalar: hostScalar }),
    { name: id },
  );
  try {
    let average: NamedTensors = new Map([...gradientsAt(judge, 0)].map(([name, { shape }]) => [name, full(shape, 0)]));
    for (let step = 0; step < Math.max(...steps); step++) {
      average = update.runWith({ step, learningRate: 0 }, average, gradientsAt(judge, step));
      if (!steps.includes(step + 1)) continue;
      for (const [name, found] of average) {
        const miss = await judge.compare(`step ${step + 1}, ${name}`, found, `${id}/step${step + 1}/${name}`);
        if (miss !== undefined) return miss;
      }
    }
    return undefined;
  } finally {
    update.clear();
  }
}

async function judgeClip({ transformation, order }: Clip, id: string, judge: Judge): Promise<string | undefined> {
  const clip = compile(
    (gradients: NamedTensors) => ({
      clipped: transformation.apply({ gradients, parameters: new Map(), state: new Map(), scalar: hostScalar })
        .gradients,
      norm: order === undefined ? null : globalNorm(gradients, order),
    }),
    { name: id },
  );
  try {
    const { clipped, norm } = clip(gradientsAt(judge, 0));
    for (const [name, found] of clipped) {
      const miss = await judge.compare(name, found, `${id}/clipped/${name}`);
      if (miss !== undefined) return miss;
    }
    return norm ? await judge.compare("the norm", norm, `${id}/total_norm`) : undefined;
  } finally {
    clip.clear();
  }
}

/** One case of optimizers.json; `head` is the file, which names the parameters. */
export function runOptimizerCase(
  item: JsonObject,
  head: JsonObject,
  tensors: Tensors,
  slack: number,
): Promise<Outcome> {
  return outcomeOf(async () => {
    const [id, call] = [asText(item["id"], "id"), asText(item["call"], "call")];
    const tolerance = { rtol: slack * asNumber(item["rtol"], "rtol"), atol: slack * asNumber(item["atol"], "atol") };
    const given = new Arguments(
      call,
      item["args"] === undefined ? {} : asObject(item["args"], "args"),
      new Map(),
      true,
    );
    const judge: Judge = {
      names: Object.keys(asObject(head["parameters"], "parameters")),
      tensors,
      async compare(name, found, key) {
        const worst = worstDeviation(await found.data(), goldenTensor(tensors, key).data, tolerance);
        return worst.ratio > 1 ? describeDeviation(name, worst) : undefined;
      },
    };
    const known = <T>(table: Readonly<Record<string, T>>): T | undefined =>
      Object.hasOwn(table, call) ? table[call] : undefined;
    const optimizer = known(optimizers)?.(given);
    const clip = known(clips)?.(given);
    const average = known(averages)?.(given);
    const minimiser = known(minimisers)?.(given);
    const unread = given.unread();
    if (!optimizer && !clip && !average && !minimiser) throw new Unsupported(call);
    if (unread.length > 0) throw new Unsupported(`${call} with ${unread.join(", ")}`);
    let miss: string | undefined;
    const steps = (): number[] => asNumbers(item["steps"], "steps");
    if (optimizer) miss = await judgeOptimizer(optimizer, id, steps(), judge);
    else if (average) miss = await judgeAverage(average, id, steps(), judge);
    else if (minimiser)
      miss = await judgeMinimiser(minimiser, item, { head, tensors, compare: judge.compare.bind(judge) });
    else if (clip) miss = await judgeClip(clip, id, judge);
    return miss === undefined ? passed : failed(miss);
  });
}
