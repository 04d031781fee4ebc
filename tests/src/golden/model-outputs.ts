// What golden models are given, and what comes out of them.
import { type HostTensor, type Tensor, isTensor } from "@stria/core";
import { Module } from "@stria/layers";
import { image, integers } from "./fill.ts";
import { type JsonObject, asNumber, asNumbers, asObject, asText } from "./json.ts";
import { type Judge, judgeSamples, largestOf, total } from "./judge.ts";

/** The input that an entry describes: an image, or tokens. */
export function inputOf(golden: JsonObject): HostTensor {
  const shape = asNumbers(golden["input"], "input");
  const fill = asObject(golden["input_fill"], "input_fill");
  const name = asText(fill["name"], "name");
  if (fill["tokens"] !== undefined)
    return { dtype: "int32", shape, data: integers(name, shape, asNumber(fill["tokens"], "tokens")) };
  return { dtype: "float32", shape, data: image(name, shape, asNumber(fill["scale"] ?? 1, "scale")) };
}

/**
 * What a model gives for an input. Where a golden has several outputs and the model has auxiliary heads, which its `forward` leaves out, those too.
 */
export function resultOf(model: Module, x: Tensor, names: readonly string[]): unknown {
  const withAuxiliary: unknown = names.length > 1 ? Reflect.get(model, "withAuxiliary") : undefined;
  return typeof withAuxiliary === "function" ? Reflect.apply(withAuxiliary, model, [x]) : model.forward(x);
}

/** A model that gives all of the outputs that a golden has. */
export class WithOutputs extends Module<[x: Tensor], unknown> {
  readonly model: Module;
  readonly names: readonly string[];

  constructor(model: Module, names: readonly string[]) {
    super();
    this.model = model;
    this.names = names;
  }

  override forward(x: Tensor): unknown {
    return resultOf(this.model, x, this.names);
  }
}

/** What the reference gives in evaluation mode. Of a list of sizes that is not told: torchvision's segmentation has its auxiliary head there too. */
export function outputNames(golden: JsonObject): readonly string[] {
  if (golden["outputs"] !== undefined) return Object.keys(asObject(golden["outputs"], "outputs"));
  const isSegmentation = asText(golden["source"] ?? "", "source").startsWith("torchvision.models.segmentation.");
  return isSegmentation && asObject(golden["options"], "options")["aux_loss"] === true ? ["logits", "aux"] : ["logits"];
}

/** What a model returned, by the golden's names for it: a tensor alone, or one field of an object for each name. @throws Error. */
export function outputsOf(result: unknown, names: readonly string[]): Tensor[] {
  if (isTensor(result)) return [result];
  return names.map((name) => {
    const output: unknown = typeof result === "object" && result !== null ? Reflect.get(result, name) : undefined;
    if (!isTensor(output)) throw new Error(`the model returns no "${name}"`);
    return output;
  });
}

export interface Tolerances {
  /** The tolerance of a kind of numbers; undefined where the golden has none. */
  of(kind: string): number | undefined;
}

export function tolerancesOf(golden: JsonObject, slack: number): Tolerances {
  const tolerance = asObject(golden["tolerance"], "tolerance");
  return {
    of: (kind) =>
      tolerance[kind] === undefined ? undefined : slack * asNumber(tolerance[kind], `tolerance of ${kind}`),
  };
}

/** Shape, figures and samples of an output or a stage, and every number where the golden has the whole. */
export async function judgeOutput(
  judge: Judge,
  name: string,
  found: Tensor | undefined,
  golden: JsonObject,
  { tolerance = 0, whole }: { readonly tolerance?: number | undefined; readonly whole?: HostTensor | undefined },
): Promise<void> {
  if (!found) {
    judge.misses.push(`${name} is not there`);
    return;
  }
  if (!judge.same(`shape of ${name}`, found.shape, asNumbers(golden["shape"], "shape"))) return;
  const data = await found.data();
  const largest = asNumber(golden["max"], "max");
  const allowed = tolerance * largest;
  const mean = total(data, (value) => value) / data.length;
  const deviation = Math.sqrt(total(data, (value) => (value - mean) ** 2) / data.length);
  judge.check(`largest of ${name}`, largestOf(data), largest, allowed);
  judge.check(`mean of ${name}`, mean, asNumber(golden["mean"], "mean"), allowed);
  judge.check(`standard deviation of ${name}`, deviation, asNumber(golden["std"], "std"), allowed);
  judgeSamples(judge, name, data, golden["samples"], allowed);
  if (!whole) return;
  const share = tolerance * largestOf(whole.data);
  for (let index = 0; index < whole.data.length; index++)
    judge.check(`${name}[${index}]`, data[index] ?? Number.NaN, Number(whole.data[index]), share);
}
