// Pictures of what is inside a net: the filters of its first layer, and what a layer makes of a digit.
import { type Tensor, at, namedCells } from "@stria/core";
import { predict } from "@stria/training";
import type { Sheet } from "../messages.ts";
import type { Net } from "./build-net.ts";

/** More pictures than this are no help. */
const most = 32;

/** Pictures of which the value farthest from 0 is 1 or -1. */
function sheetOf(data: Float32Array, total: number, height: number, width: number): Sheet {
  const count = Math.min(total, most);
  const values = data.slice(0, count * height * width);
  const largest = values.reduce((found, value) => Math.max(found, Math.abs(value)), 0);
  if (largest > 0) for (const [index, value] of values.entries()) values[index] = value / largest;
  return { count, total, height, width, values };
}

/** The data of a tensor that is not needed afterwards. */
async function read(tensor: Tensor): Promise<Float32Array> {
  try {
    return Float32Array.from(await tensor.data());
  } finally {
    tensor.dispose();
  }
}

/** The weights of the first layer that has them: kernels, or for each output of a dense layer a picture of the input. */
export async function filters({ model }: Net): Promise<Sheet | undefined> {
  for (const [path, cell] of namedCells(model)) {
    if (!path.endsWith("weight") || cell.shape.length < 2) continue;
    const { shape } = cell;
    if (shape.length === 4)
      return sheetOf(await read(cell.value), at(shape, 0) * at(shape, 1), at(shape, 2), at(shape, 3));
    const side = Math.sqrt(at(shape, 1));
    if (shape.length === 2 && Number.isInteger(side)) return sheetOf(await read(cell.value), at(shape, 0), side, side);
    return undefined;
  }
  return undefined;
}

/** What the layer `index` gives for one digit x [1, 1, 28, 28]. */
export async function maps(net: Net, index: number, x: Tensor): Promise<Sheet | undefined> {
  const layer = net.imageLayers.find((candidate) => candidate.index === index);
  if (layer === undefined) return undefined;
  return sheetOf(await read(await predict(net.upTo(index), x)), ...layer.shape);
}
