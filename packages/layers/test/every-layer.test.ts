// Every layer that the package exports: gradients in both modes, in a list of layers, state dict, summary.
import {
  type Cell,
  Parameter,
  type Shape,
  type Tensor,
  at,
  evaluating,
  fromHost,
  namedCells,
  setSeed,
  sizeOf,
  training,
  useBackend,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, describe, expect, it, test } from "vitest";
import * as layers from "../src/index.ts";
import { gradientFault } from "./support/differences.ts";
import { type ListedCase, type LoneCase, layerCases } from "./support/layer-cases.ts";

beforeEach(async () => {
  setSeed(1);
  await useBackend(reference());
});

/** Classes that only others extend, and that of whole models, whose outputs are no tensor: features.test.ts. */
const bases = new Set(["Module", "BatchNorm", "Features"]);

const classes = Object.entries(layers).flatMap(([name, value]) =>
  typeof value === "function" && !bases.has(name) && value.prototype instanceof layers.Module ? [name] : [],
);

test("there is a case for each of them", () => {
  expect(Object.keys(layerCases).toSorted()).toEqual(classes.toSorted());
});

/** Numbers a tenth apart, at least 0.03 from 0 and other places where functions have kinks, none twice among 80. */
function lattice(shape: Shape, first: number): Tensor {
  const count = sizeOf(shape);
  const values = Float32Array.from(
    { length: count },
    (_, index) => (((index * 37 + first * 11) % 80) - 40) / 10 + 0.05,
  );
  return fromHost(values, shape, "float32");
}

interface Example {
  readonly layer: layers.Module<never, unknown>;
  readonly inputs: readonly Tensor[];
  run(inputs: readonly Tensor[]): readonly Tensor[];
}

function isListed(one: ListedCase | LoneCase): one is ListedCase {
  return "entry" in one;
}

function inList({ entry, input, rows }: ListedCase): { model: layers.Sequential; x: Tensor } {
  const inputDType = rows === undefined ? "float32" : "int32";
  const model = layers.sequential([entry()], { inputShape: input, inputDType });
  const shape = [2, ...input];
  const x =
    rows === undefined
      ? lattice(shape, 0)
      : fromHost(
          Int32Array.from({ length: sizeOf(shape) }, (_, index) => (index * 3) % rows),
          shape,
          "int32",
        );
  return { model, x };
}

function exampleOf(one: ListedCase | LoneCase): Example {
  if (isListed(one)) {
    const { model, x } = inList(one);
    return {
      layer: at([...model], 0),
      inputs: [x],
      run: ([input = x]) => [model.forward(input)],
    };
  }
  const layer = one.make();
  return {
    layer,
    inputs: one.inputs.map((shape, index) => lattice(shape, index + 1)),
    run: (inputs) => one.call(layer as never, inputs),
  };
}

/** Runs `f` with other values in the parameters. */
function withValues<T>(cells: readonly Cell[], values: readonly Tensor[], f: () => T): T {
  const [cell, ...others] = cells;
  return cell ? cell.standIn(at(values, 0), () => withValues(others, values.slice(1), f)) : f();
}

async function numbers(list: readonly Tensor[]): Promise<number[][]> {
  return Promise.all(list.map(async (one) => Array.from(await one.data())));
}

describe.each(Object.entries(layerCases))("%s", (_name, one) => {
  it.each([
    ["training", training],
    ["evaluation", evaluating],
  ] as const)("has the gradients that differences have, in %s mode", async (_, inMode) => {
    const { layer, inputs, run } = exampleOf(one);
    const parameters = [...namedCells(layer).values()].filter((cell) => cell instanceof Parameter);
    const values = parameters.map((cell, index) => lattice(cell.shape, index + 3).mul(0.25));
    const count = inputs.length;
    const fault = await gradientFault(
      (list) => inMode(() => withValues(parameters, list.slice(count), () => run(list.slice(0, count)))),
      [...inputs, ...values],
    );
    expect(fault).toBeLessThan(1e-3);
  });

  it("saves and loads its state", async () => {
    const first = exampleOf(one);
    namedCells(first.layer);
    training(() => first.run(first.inputs)); // statistics move
    setSeed(2);
    const second = exampleOf(one);
    layers.loadStateDict(second.layer, layers.stateDict(first.layer));
    expect(await numbers(evaluating(() => second.run(second.inputs)))).toEqual(
      await numbers(evaluating(() => first.run(first.inputs))),
    );
  });

  it("is counted with all its parameters", () => {
    const { layer } = exampleOf(one);
    const sizes = [...namedCells(layer).values()].map((cell) => (cell instanceof Parameter ? sizeOf(cell.shape) : 0));
    expect(layers.countParameters(layer)).toBe(sizes.reduce((sum, size) => sum + size, 0));
  });
});

const entries = Object.entries(layerCases).flatMap(([name, one]) => (isListed(one) ? [[name, one] as const] : []));

it.each(entries)("%s is made by an entry of a list of layers, and is summed up", (name, one) => {
  const { model, x } = inList(one);
  const layer = at([...model], 0);
  expect(layer.constructor.name).toBe(name);
  const y = evaluating(() => model.forward(x));
  const found = layers.summary(new layers.Sequential([layer, new layers.Identity()]), one.input, {
    inputDType: x.dtype,
  });
  expect(found.parameters).toBe(layers.countParameters(layer));
  expect(found.rows.at(-1)).toMatchObject({ kind: "Identity", outputShape: y.shape.slice(1) });
});
