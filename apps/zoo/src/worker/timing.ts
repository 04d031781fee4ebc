// How long the stages of a model take. Stages cannot be stopped apart inside one compiled program, so the model is run up to the end of each: the time of
// a stage is what it adds to that of the stages before it. Of each part the median of several runs counts.
import { type Tensor, fromHost, namedModules, reshape, sizeOf, slice } from "@stria/core";
import { Module, features } from "@stria/layers";
import { predict } from "@stria/training";
import type { Box } from "../anatomy/anatomy.ts";
import { firstTensor } from "../anatomy/first-tensor.ts";
import type { StageTime, Times } from "../messages.ts";
import { type Network, read } from "./network.ts";
import { Refusal } from "./refusal.ts";

/** A model of whose output one number is read, so that copying it does not count. */
class FirstNumber extends Module {
  readonly model: Module<[Tensor], unknown>;

  constructor(model: Module<[Tensor], unknown>) {
    super();
    this.model = model;
  }

  override forward(x: Tensor): Tensor {
    const map = firstTensor(this.model.forward(x));
    if (map === undefined) throw new Refusal("The model gives no tensor.");
    return slice(reshape(map, [sizeOf(map.shape)]), [0], [1]);
  }
}

const leastRuns = 5;
const mostRuns = 25;
const enoughMilliseconds = 1200;
const mostStages = 14;

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.round((sorted.length - 1) * share)] ?? 0;
}

/** Times of some runs after the first, which compiles, in order of length. */
async function measured(model: Module, input: Tensor): Promise<number[]> {
  await read(await predict(model, input));
  const times: number[] = [];
  const begin = performance.now();
  while (times.length < leastRuns || (times.length < mostRuns && performance.now() - begin < enoughMilliseconds)) {
    const start = performance.now();
    await read(await predict(model, input));
    times.push(performance.now() - start);
  }
  return times.toSorted((a, b) => a - b);
}

/** The stages that the registry names, or else the parts of the model that its maps go through one after the other. */
function stagesOf({ info, model }: Network, boxes: readonly Box[]): string[] {
  if (info.stages.length > 1) return info.stages.map(({ name }) => name);
  const modules = new Map(namedModules(model));
  const callable = (path: string): boolean => "forward" in (modules.get(path) ?? {});
  for (const depth of [1, 2]) {
    const paths = [...new Set(boxes.map(({ path }) => path.split(".").slice(0, depth).join(".")))].filter(
      (path) => path !== "" && callable(path),
    );
    if (paths.length > 1 && paths.length <= mostStages) return paths;
  }
  return [];
}

/** Multiply-adds of the boxes up to the last one of a stage. */
function countsUpTo(boxes: readonly Box[], stages: readonly string[]): number[] {
  return stages.map((stage) => {
    const last = boxes.findLastIndex(({ path }) => path === stage || path.startsWith(`${stage}.`));
    return boxes.slice(0, last + 1).reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0);
  });
}

export async function timeStages(
  network: Network,
  boxes: readonly Box[],
  note: (text: string) => void,
): Promise<Times> {
  const { info, model } = network;
  if (info.vocabulary !== undefined)
    throw new Refusal(`${info.name} reads words; this page times models of images and signals.`);
  const input = fromHost(new Float32Array(sizeOf(info.inputShape)).fill(0.5), [1, ...info.inputShape], "float32");
  const stages = stagesOf(network, boxes);
  const counts = countsUpTo(boxes, stages);
  const found: StageTime[] = [];
  let [before, counted] = [0, 0];
  for (const [index, name] of stages.entries()) {
    note(`Timing ${name}, ${index + 1} of ${stages.length + 1} …`);
    const times = await measured(new FirstNumber(features(model, [name])), input);
    const upTo = quantile(times, 0.5);
    const multiplyAdds = (counts[index] ?? 0) - counted;
    found.push({ name, milliseconds: Math.max(0, upTo - before), multiplyAdds });
    [before, counted] = [Math.max(before, upTo), counts[index] ?? counted];
  }
  note("Timing the whole model …");
  const whole = await measured(new FirstNumber(model), input);
  const total = quantile(whole, 0.5);
  const rest = boxes.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0) - counted;
  if (stages.length > 0)
    found.push({ name: "the rest", milliseconds: Math.max(0, total - before), multiplyAdds: rest });
  return { stages: found, total, spread: (quantile(whole, 0.75) - quantile(whole, 0.25)) / 2, runs: whole.length };
}
