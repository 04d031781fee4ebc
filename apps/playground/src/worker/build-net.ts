// The net of a list: its layers with every size worked out, and which of them give images.
import { type Shape, evaluating, inferAval, namedCells, sizeOf } from "@stria/core";
import { type Layer, Sequential, sequential } from "@stria/layers";
import type { Entry } from "../list/kinds.ts";
import type { LayerInfo } from "../messages.ts";
import { makeLayer } from "./makers.ts";
import { Refusal } from "./refusal.ts";

const inputShape: Shape = [1, 28, 28];
const classes = 10;
/** Elements of all parameters together: 80 MB with Adam's moments and the gradients. */
const mostParameters = 5_000_000;

export interface Net {
  readonly model: Sequential;
  readonly parameters: number;
  readonly imageLayers: readonly LayerInfo[];
  /** The net up to a layer, that one included. */
  upTo(index: number): Sequential;
}

/** Shapes without the batch axis of what each layer gives. */
function shapesOf(layers: readonly Layer[]): Shape[] {
  let shape = inputShape;
  return layers.map((layer) => {
    const alone = new Sequential([layer]);
    const input = { shape: [1, ...shape], dtype: "float32" } as const;
    shape = inferAval((x) => evaluating(() => alone.forward(x)), input).shape.slice(1);
    return shape;
  });
}

/** @throws Refusal or a StriaError, which names the layer that does not fit. */
export function buildNet(entries: readonly Entry[]): Net {
  const model = sequential(entries.map(makeLayer), { inputShape });
  const layers = [...model];
  const shapes = shapesOf(layers);
  const output = shapes.at(-1) ?? [];
  if (output.length !== 1 || output[0] !== classes)
    throw new Refusal(
      `The net gives [${output.join(", ")}] for a digit, and there are ${classes} classes: ${
        output.length > 1 ? "end with flatten() and dense(10)" : "end with dense(10)"
      }.`,
      entries.length - 1,
    );
  const parameters = [...namedCells(model).values()]
    .filter(({ role }) => role === "param")
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (parameters === 0) throw new Refusal("The net has no parameters to train: add conv2d(...) or dense(...).");
  if (parameters > mostParameters)
    throw new Refusal(
      `The net has ${parameters.toLocaleString("en")} parameters; up to ${mostParameters.toLocaleString("en")} fit here. Pool before you flatten, or take fewer channels.`,
    );
  const parts = new Map<number, Sequential>();
  return {
    model,
    parameters,
    imageLayers: shapes.flatMap((shape, index) => {
      const [channels, height, width] = shape;
      if (channels === undefined || height === undefined || width === undefined || shape.length !== 3) return [];
      return [{ index, name: entries[index]?.name ?? "", shape: [channels, height, width] as const }];
    }),
    upTo(index) {
      const part = parts.get(index) ?? new Sequential(layers.slice(0, index + 1));
      parts.set(index, part);
      return part;
    },
  };
}
