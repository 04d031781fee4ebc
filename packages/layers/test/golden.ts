// PyTorch's answers (tests/golden) for layers: the input, the parameters by name, and what comes out.
import { readFileSync } from "node:fs";
import { type HostTensor, type Tensor, at, evaluating, fromHost, namedCells, training } from "@stria/core";
import { decodeSafetensors } from "@stria/core/safetensors";
import type { Module } from "../src/index.ts";

const folder = new URL("../../../tests/golden/", import.meta.url);

export class Goldens {
  readonly #group: string;
  readonly #tensors: ReadonlyMap<string, HostTensor>;

  constructor(group: string) {
    this.#group = group;
    this.#tensors = decodeSafetensors(readFileSync(new URL(`${group}.safetensors`, folder))).tensors;
  }

  tensor(name: string): Tensor {
    const found = this.#tensors.get(name);
    if (!found) throw new Error(`${this.#group} has no ${name}`);
    return fromHost(found.data.slice(), found.shape, found.dtype);
  }

  /** What is wrong with the layer on a case's input, its cells filled from the case; undefined when all agrees. */
  async faultOfLayer(
    layer: Module,
    id: string,
    mode: "training" | "evaluation" = "training",
  ): Promise<string | undefined> {
    for (const [name, cell] of namedCells(layer)) cell.set(this.tensor(`${id}/in/${name}`));
    const x = this.tensor(`${id}/in/input`);
    return this.fault(
      (mode === "training" ? training : evaluating)(() => layer.forward(x)),
      id,
    );
  }

  /** What is wrong with an output of a case: beyond 1e-4 of it, and 1e-5 of the largest, as the goldens have it. */
  async fault(found: Tensor, id: string, name = "output"): Promise<string | undefined> {
    const wanted = this.tensor(`${id}/out/${name}`);
    if (found.shape.join() !== wanted.shape.join())
      return `shape [${found.shape.join()}], not [${wanted.shape.join()}]`;
    const [actual, golden] = [Array.from(await found.data()), Array.from(await wanted.data())];
    const largest = golden.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    const index = golden.findIndex(
      (value, place) => !(Math.abs(at(actual, place) - value) <= 1e-5 * largest + 1e-4 * Math.abs(value)),
    );
    return index < 0 ? undefined : `element ${index} is ${at(actual, index)}, golden ${at(golden, index)}`;
  }
}
