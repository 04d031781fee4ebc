// The settings of one layer, read with a check of each: what is not as Keras writes it is an error that names the layer.
import { refuse } from "../../fault.ts";
import { entry, isList, type Json } from "./json.ts";
import type { KerasLayer } from "./topology.ts";

/** An activation: its Keras name, and its settings where it is a layer of its own. */
export interface KerasActivation {
  readonly name: string;
  readonly settings: Json;
}

/** What windows do at the border. */
export type Border = "valid" | "same" | "causal";

const largest = 2 ** 31 - 1;
const byHand = "use settings that are supported, or read the weights alone and build the network by hand";

function inWords(value: Json | undefined): string {
  return value === undefined ? "missing" : (JSON.stringify(value)?.slice(0, 60) ?? "missing");
}

/** Reads `layer.config`. */
export class Settings {
  readonly layer: KerasLayer;
  readonly source: string;

  constructor(layer: KerasLayer, source: string) {
    this.layer = layer;
    this.source = source;
  }

  /** Throws what is wrong with the layer. @throws FormatError always */
  fail(fault: string, remedy: string = byHand): never {
    const { name, className } = this.layer;
    return refuse(this.source, `layer ${JSON.stringify(name)} (${className}) ${fault}`, remedy);
  }

  value(key: string): Json | undefined {
    const value = entry(this.layer.config, key);
    return value === null ? undefined : value;
  }

  #odd(key: string, expected: string): never {
    return this.fail(`has ${key} set to ${inWords(this.value(key))}, not ${expected}`);
  }

  /** A whole number, at least `least`. */
  integer(key: string, otherwise?: number, least = 1): number {
    const value = this.value(key) ?? otherwise;
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > largest)
      return this.#odd(key, `a whole number from ${least} on`);
    return value;
  }

  number(key: string, otherwise?: number): number {
    const value = this.value(key) ?? otherwise;
    if (typeof value !== "number" || !Number.isFinite(value)) return this.#odd(key, "a number");
    return value;
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.value(key) ?? otherwise;
    return typeof value === "boolean" ? value : this.#odd(key, "true or false");
  }

  text(key: string, otherwise?: string): string {
    const value = this.value(key) ?? otherwise;
    return typeof value === "string" ? value : this.#odd(key, "a text");
  }

  /** One of `choices`. */
  choice<T extends string>(key: string, choices: readonly T[], otherwise: T): T {
    const value = this.text(key, otherwise);
    return choices.find((choice) => choice === value) ?? this.#odd(key, `one of ${choices.join(", ")}`);
  }

  /** A whole number for each of `count` axes; one number stands for all. */
  sizes(key: string, count: number, otherwise?: readonly number[], least = 1): number[] {
    const value = this.value(key) ?? otherwise;
    const list = typeof value === "number" ? Array.from({ length: count }, () => value) : value;
    const whole = (one: unknown): one is number =>
      typeof one === "number" && Number.isInteger(one) && one >= least && one <= largest;
    if (!Array.isArray(list) || list.length !== count || !list.every(whole))
      return this.#odd(key, `${count} whole numbers from ${least} on`);
    return list.filter(whole);
  }

  /** [before, after] for each of `count` axes: from one number, one for each, or pairs. */
  pairs(key: string, count: number): (readonly [number, number])[] {
    const value = this.value(key) ?? 1;
    const list = isList(value) && !(count === 1 && value.every((one) => typeof one === "number")) ? value : [value];
    const each = typeof value === "number" ? Array.from({ length: count }, () => value) : list;
    const pairs = each.map((one): readonly [number, number] => {
      const [before, after] = isList(one) ? one : [one, one];
      const whole = (length: Json | undefined): length is number =>
        typeof length === "number" && Number.isInteger(length) && length >= 0 && length <= largest;
      if (!whole(before) || !whole(after) || (isList(one) && one.length !== 2)) return this.#odd(key, "lengths");
      return [before, after];
    });
    return pairs.length === count ? pairs : this.#odd(key, `lengths for ${count} axes`);
  }

  /** Whether channels are the last axis. */
  channelsLast(): boolean {
    return this.choice("data_format", ["channels_last", "channels_first"], "channels_last") === "channels_last";
  }

  border(): Border {
    return this.choice("padding", ["valid", "same", "causal"], "valid");
  }

  /** An axis from 0 on of a shape of `rank` axes without the batch; Keras counts the batch as axis 0. */
  axis(value: Json | undefined, rank: number): number {
    const single = isList(value) && value.length === 1 ? value[0] : value;
    const axis = typeof single === "number" ? (single < 0 ? single + rank : single - 1) : Number.NaN;
    if (!Number.isInteger(axis) || axis < 0 || axis >= rank)
      return this.fail(`acts on axis ${inWords(value)} of ${rank} and the batch`);
    return axis;
  }

  /** An activation by name, or as Keras writes functions and layers in their place. */
  activation(key = "activation", otherwise = "linear"): KerasActivation {
    const value = this.value(key) ?? otherwise;
    if (typeof value === "string") return { name: value, settings: {} };
    const className = entry(value, "class_name");
    const config = entry(value, "config") ?? {};
    if (className === "function" && typeof config === "string") return { name: config, settings: {} };
    if (typeof className === "string") return { name: className, settings: config };
    return this.#odd(key, "the name of an activation");
  }
}
