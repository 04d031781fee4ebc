// Other parameters in a model for a while, such as averages for an evaluation.
import { FormatError, Parameter, namedCells } from "@stria/core";
import type { NamedTensors } from "./optimizer.ts";

/**
 * Runs `f` with `values` in the parameters of `model`, by path, and puts the old ones back, also when `f` throws. Running statistics stay as they are:
 * those of batch normalisation belong to the old parameters.
 * @throws FormatError for a path that is no parameter of the model, ShapeError for another shape.
 */
export async function withParameters<T>(model: object, values: NamedTensors, f: () => T | Promise<T>): Promise<T> {
  const cells = namedCells(model);
  const parameters = [...values].map(([path, value]) => {
    const cell = cells.get(path);
    if (!(cell instanceof Parameter))
      throw new FormatError("withParameters", `the model has no parameter ${path}`, "pass values of this model");
    return { cell, value };
  });
  const old = parameters.map(({ cell }) => ({ cell, value: cell.value }));
  try {
    for (const { cell, value } of parameters) cell.set(value);
    return await f();
  } finally {
    for (const { cell, value } of old) {
      cell.set(value);
      value.dispose();
    }
  }
}
