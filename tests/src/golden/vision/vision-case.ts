// A case of the goldens of images and tasks: its arguments and tensors. What is read is noted: nothing that a case gives may be ignored.
import type { HostTensor } from "@stria/core";
import { Arguments } from "../arguments.ts";
import { type JsonObject, asList, asNumber, asObject, asText, asTexts, isObject } from "../json.ts";
import { type Tensors, goldenTensor } from "../ops-case.ts";
import type { Tolerance } from "../tolerance.ts";

/** Values of a float32 tensor divided by `divisor`, rounded once. */
function divided({ shape, data }: HostTensor, divisor: number): HostTensor {
  return { shape, dtype: "float32", data: Float32Array.from(data, (value) => value / divisor) };
}

/** The tensors that a case gives, by name. */
export class Inputs {
  readonly #id: string;
  readonly #entries: ReadonlyMap<string, () => HostTensor>;
  readonly #read = new Set<string>();

  constructor(json: JsonObject, tensors: Tensors) {
    this.#id = asText(json["id"], "id");
    this.#entries = new Map(
      asList(json["inputs"], this.#id).map((entry) => {
        if (!isObject(entry)) {
          const name = asText(entry, `an input of ${this.#id}`);
          return [name, () => goldenTensor(tensors, `${this.#id}/in/${name}`)];
        }
        const { tensor: key, divideBy } = entry;
        const found = (): HostTensor => goldenTensor(tensors, asText(key, `an input of ${this.#id}`));
        const name = asText(entry["name"], `an input of ${this.#id}`);
        return [name, () => (divideBy === undefined ? found() : divided(found(), asNumber(divideBy, name)))];
      }),
    );
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  tensor(name: string): HostTensor {
    this.#read.add(name);
    const entry = this.#entries.get(name);
    if (!entry) throw new TypeError(`${this.#id} has no input ${name}`);
    return entry();
  }

  unread(): string[] {
    return this.names().filter((name) => !this.#read.has(name));
  }
}

export interface VisionCase {
  readonly id: string;
  readonly call: string;
  readonly given: Arguments;
  readonly inputs: Inputs;
  readonly outputs: readonly string[];
  readonly grads: readonly string[];
  /** Of an output, or of a gradient. */
  tolerance(kind: "out" | "grad", name: string): Tolerance;
}

/** A number for a name, where the case has one of its own. */
function own(table: JsonObject[string] | undefined, name: string): number | undefined {
  const found = isObject(table) ? table[name] : undefined;
  return found === undefined ? undefined : asNumber(found, name);
}

export function visionCase(json: JsonObject, tensors: Tensors): VisionCase {
  const id = asText(json["id"], "id");
  const call = asText(json["call"], id);
  const args = json["args"] === undefined ? {} : asObject(json["args"], id);
  return {
    id,
    call,
    given: new Arguments(call, args, new Map(), true),
    inputs: new Inputs(json, tensors),
    outputs: asTexts(json["outputs"], id),
    grads: json["grads"] === undefined ? [] : asTexts(json["grads"], id),
    tolerance: (kind, name) => ({
      rtol: asNumber(json["rtol"], id),
      atol: own(json[kind === "out" ? "atols" : "gradAtols"], name) ?? asNumber(json["atol"], id),
    }),
  };
}
