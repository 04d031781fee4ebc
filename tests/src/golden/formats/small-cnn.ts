// The model that some of PyTorch's golden files are of: conv1 3 -> 4 of 3x3, bn1, relu, max pool 2, flatten, fc -> 5, in evaluation mode.
import { evaluating, relu, reshape, type Tensor } from "@stria/core";
import { BatchNorm2d, Conv2d, Linear, MaxPool2d, Module } from "@stria/layers";
import { loadWeights, type Weights } from "@stria/weights";

class SmallCnn extends Module {
  readonly conv1 = new Conv2d(3, 4, 3);
  readonly bn1 = new BatchNorm2d(4);
  readonly #pool = new MaxPool2d(2);
  readonly fc = new Linear(36, 5);
  forward(x: Tensor): Tensor {
    const pooled = this.#pool.forward(relu(this.bn1.forward(this.conv1.forward(x))));
    return this.fc.forward(reshape(pooled, [-1, 36]));
  }
}

/** What the model makes of `input` with these weights; keys that are not the model's begin with "extra.". */
export async function smallCnn(weights: Weights, input: Tensor): Promise<Tensor> {
  const model = new SmallCnn();
  await loadWeights(model, weights, { rename: (key) => (key.startsWith("extra.") ? undefined : key) });
  return evaluating(() => model.forward(input));
}
