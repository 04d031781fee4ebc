// PyTorch's answers (tests/golden) for layers: the input, the parameters by name, and what comes out.
import { readFileSync } from "node:fs";
import {
  type HostTensor,
  type Tensor,
  at,
  decodeSafetensors,
  evaluating,
  fromHost,
  namedCells,
  training,
} from "@stria/core";
import { expect } from "vitest";
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

  /** The layer on a case's input, its cells filled from the case. */
  async expectLayer(layer: Module, id: string, mode: "training" | "evaluation" = "training"): Promise<void> {
    for (const [name, cell] of namedCells(layer)) cell.set(this.tensor(`${id}/in/${name}`));
    const x = this.tensor(`${id}/in/input`);
    await this.expectOutput(
      (mode === "training" ? training : evaluating)(() => layer.forward(x)),
      id,
    );
  }

  /** An output of a case: 1e-4 of it, and 1e-5 of the largest, as the goldens have it. */
  async expectOutput(found: Tensor, id: string, name = "output"): Promise<void> {
    const wanted = this.tensor(`${id}/out/${name}`);
    expect(found.shape, id).toEqual(wanted.shape);
    const [actual, golden] = [Array.from(await found.data()), Array.from(await wanted.data())];
    const largest = golden.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    for (const [index, value] of golden.entries()) {
      const difference = Math.abs(at(actual, index) - value);
      expect(difference, `${id}, element ${index}`).toBeLessThanOrEqual(1e-5 * largest + 1e-4 * Math.abs(value));
    }
  }
}
