// LeNet-5 and a step of SGD with momentum, from core's ops alone.
import {
  type CompiledFunction,
  Parameter,
  type Tensor,
  add,
  compile,
  conv,
  matmul,
  maxPool,
  mul,
  namedCells,
  relu,
  reshape,
  sizeOf,
  softmaxCrossEntropy,
  sub,
  valueAndGrad,
} from "@stria/core";
import { noise } from "./noise.ts";

class Lenet {
  readonly conv1: Parameter = weight(1, [6, 1, 5, 5]);
  readonly conv2: Parameter = weight(2, [16, 6, 5, 5]);
  readonly full1: Parameter = weight(3, [120, 400]);
  readonly full2: Parameter = weight(4, [84, 120]);
  readonly full3: Parameter = weight(5, [10, 84]);

  forward(x: Tensor): Tensor {
    const first = maxPool(relu(conv(x, this.conv1.value, { padding: 2 })), 2);
    const second = maxPool(relu(conv(first, this.conv2.value)), 2);
    let y = reshape(second, [x.shape[0] ?? 0, 400]);
    for (const layer of [this.full1, this.full2]) y = relu(matmul(y, layer.value, { transposeB: true }));
    return matmul(y, this.full3.value, { transposeB: true });
  }
}

function weight(seed: number, shape: readonly number[]): Parameter {
  const scale = Math.sqrt(3 / sizeOf(shape.slice(1)));
  return new Parameter(shape, (of) => noise(seed, sizeOf(of), scale));
}

export interface Training {
  /** Images [N, 1, 28, 28] and labels [N] -> the loss before the step. */
  readonly step: CompiledFunction<[Tensor, Tensor], Tensor>;
  /** The parameters, by name. */
  parameters(): Promise<Map<string, number[]>>;
}

export function train(): Training {
  const model = new Lenet();
  const cells = new Map(namedCells(model));
  const momenta = new Map(
    [...cells].map(([path, cell]) => [path, new Parameter(cell.shape, (shape) => new Float32Array(sizeOf(shape)))]),
  );
  const step = compile((x: Tensor, labels: Tensor): Tensor => {
    const { value, grads } = valueAndGrad(model, (m) => softmaxCrossEntropy(m.forward(x), labels).mean());
    for (const [path, gradient] of grads) {
      const [cell, momentum] = [cells.get(path), momenta.get(path)];
      if (!cell || !momentum) throw new Error(`no cell ${path}`);
      const moved = add(mul(momentum.value, 0.9), gradient);
      momentum.set(moved);
      cell.set(sub(cell.value, mul(moved, 0.05)));
    }
    return value;
  });
  return {
    step,
    async parameters() {
      const read = new Map<string, number[]>();
      for (const [path, cell] of cells) {
        const { value } = cell;
        read.set(path, [...(await value.data())].map(Number));
        value.dispose();
      }
      return read;
    },
  };
}
