// The networks whose training step is compiled cold.
import type { Module } from "@stria/layers";
import { create } from "@stria/zoo";
import { trainingNets } from "./training-nets.ts";

export interface CompiledNet {
  readonly name: string;
  readonly make: () => Promise<Module> | Module;
  readonly input: readonly [batch: number, channels: number, height: number, width: number];
}

export const compiledNets: readonly CompiledNet[] = [
  ...trainingNets.filter(({ dense = false }) => !dense),
  { name: "resnet50_b8", make: () => create("resnet50"), input: [8, 3, 224, 224] },
];
