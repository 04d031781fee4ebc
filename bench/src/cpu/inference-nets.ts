// The networks whose predictions are measured: those of torchvision through @stria/zoo, and small ones.
import { type Cell, namedCells, type TypedArray } from "@stria/core";
import { type Module, summary } from "@stria/layers";
import { create, unet } from "@stria/zoo";
import { numbers } from "../numbers.ts";
import type { Prediction } from "./stria-prediction.ts";
import { trainingNets } from "./training-nets.ts";

export interface InferenceNet {
  readonly name: string;
  readonly make: () => Promise<Module> | Module;
  /** [N, C, H, W]. */
  readonly input: readonly [batch: number, channels: number, height: number, width: number];
}

const trained = (name: string) => (): Module => {
  const net = trainingNets.find((one) => one.name.startsWith(name));
  if (!net) throw new RangeError(name);
  return net.make();
};

const image = (name: string): InferenceNet => ({ name, make: () => create(name), input: [1, 3, 224, 224] });

export const inferenceNets: readonly InferenceNet[] = [
  { name: "lenet5", make: trained("lenet5"), input: [1, 1, 32, 32] },
  { name: "lenet5_b64", make: trained("lenet5"), input: [64, 1, 32, 32] },
  { name: "resnet20", make: trained("resnet20"), input: [1, 3, 32, 32] },
  { name: "resnet20_b32", make: trained("resnet20"), input: [32, 3, 32, 32] },
  image("squeezenet1_1"),
  image("mobilenet_v2"),
  image("alexnet"),
  image("googlenet"),
  image("resnet18"),
  image("densenet121"),
  image("resnet50"),
  image("vgg16"),
  { name: "unet", make: () => unet({ padded: true }), input: [1, 1, 256, 256] },
];

/** What is run of it, and counted. */
export function predictionOf({ name, make, input }: InferenceNet): Prediction {
  return {
    name,
    make,
    inputs: [input],
    operations: (model: Parameters<typeof summary>[0]) => 2 * summary(model, input.slice(1)).multiplyAdds * input[0],
    torch: { do: "predict" },
  };
}

/** Gives every parameter numbers that are quickly made, always the same. */
export function fill(model: object): void {
  const draw = numbers();
  for (const [name, cell] of namedCells(model)) if (cell.role === "param") cell.load(valuesOf(cell, name, draw));
}

/** All numbers of a model by name, statistics included. */
export async function readAll(model: object): Promise<Map<string, TypedArray>> {
  const values = new Map<string, TypedArray>();
  for (const [name, cell] of namedCells(model)) values.set(name, await cell.value.data());
  return values;
}

/** Weights keep what flows through them about as large as it was; scales are 1, or a little for what is added to a shortcut. */
function valuesOf({ shape }: Cell, name: string, draw: ReturnType<typeof numbers>): Float32Array<ArrayBuffer> {
  const size = shape.reduce((all, length) => all * length, 1);
  if (shape.length > 1) return draw(size, Math.sqrt((6 * (shape[0] ?? 1)) / size));
  return name.endsWith("weight") ? new Float32Array(size).fill(0.5) : draw(size, 0.1);
}
