// What LeCun's networks of 1989 to 1998 have in common: the scaled tanh, the first values, subsampling that learns, and maps that see some maps only.
import { Parameter, type Tensor, at, avgPool, concat, mul, reshape, slice, tanh } from "@stria/core";
import { Conv2d, type LinearOptions, Module, inLayer, initialisers } from "@stria/layers";

/** For each map of a layer the maps before it that it sees. */
export type ConnectionTable = readonly (readonly number[])[];

/** 1.7159 tanh(2/3 x): 1 stays 1, -1 stays -1, and around 0 the slope is about 1. */
export function scaledTanh(x: Tensor): Tensor {
  return mul(tanh(mul(x, 2 / 3)), 1.7159);
}

/** Weights and biases begin uniform within 2.4 / fanIn, where fanIn is the number of inputs of a unit. */
export function firstValues(fanIn: number): Required<Pick<LinearOptions, "weightInitialiser" | "biasInitialiser">> {
  const initialiser = initialisers.uniform(-2.4 / fanIn, 2.4 / fanIn);
  return { weightInitialiser: initialiser, biasInitialiser: initialiser };
}

/** For each row of the table the maps that it lists: x [N, maps, H, W] -> [N, row.length, H, W]. */
export function seenMaps(x: Tensor, table: ConnectionTable): Tensor[] {
  const maps = Array.from({ length: at(x.shape, 1) }, (_, map) => slice(x, [0, map, 0, 0], x.shape.with(1, 1)));
  return table.map((row) =>
    concat(
      row.map((map) => at(maps, map)),
      1,
    ),
  );
}

/** A convolution of which each map sees only the maps that its row of the table lists: [N, C, H, W] -> [N, table.length, H', W']. One bias a map. */
export class SparseConv2d extends Module {
  readonly table: ConnectionTable;
  readonly maps: readonly Conv2d[];

  constructor(table: ConnectionTable, kernel: number) {
    super();
    this.table = table;
    this.maps = table.map(({ length }) => new Conv2d(length, 1, kernel, firstValues(length * kernel * kernel)));
  }

  override forward(x: Tensor): Tensor {
    const seen = seenMaps(x, this.table);
    return concat(
      this.maps.map((map, index) => map.forward(at(seen, index))),
      1,
    );
  }
}

/** The sum of every 2x2 block times a coefficient plus a bias, both learnt, one of each a map: [N, C, H, W] -> [N, C, H/2, W/2]. */
export class TrainableSubsampling extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(channels: number) {
    super();
    const { weightInitialiser, biasInitialiser } = firstValues(4);
    this.weight = new Parameter([channels], weightInitialiser);
    this.bias = new Parameter([channels], biasInitialiser);
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "TrainableSubsampling", () => {
      const [weight, bias] = [this.weight, this.bias].map(({ value }) => reshape(value, [1, value.size, 1, 1]));
      return avgPool(x, 2)
        .mul(4)
        .mul(weight ?? 1)
        .add(bias ?? 0);
    });
  }
}
