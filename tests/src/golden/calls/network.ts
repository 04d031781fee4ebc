// Small compositions.
import {
  type Tensor,
  add,
  at,
  batchNormTraining,
  concat,
  conv,
  convTranspose,
  flatten,
  maxPool,
  mean,
  mul,
  relu,
  reshape,
  sigmoid,
  softmaxCrossEntropy,
  square,
  sub,
  tanh,
} from "@stria/core";
import { hardSwish } from "@stria/layers";
import type { ExpressionTable } from "./call.ts";
import { linear } from "./matmul.ts";

const same3x3 = { padding: 1 } as const;

function normalised(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  return batchNormTraining(x, weight, bias).y;
}

/** x, and what a convolution adds to it. */
function grown(x: Tensor, weight: Tensor): Tensor {
  return concat([x, conv(relu(x), weight, same3x3)], 1);
}

export const networkExpressions: ExpressionTable = {
  conv_bn_relu_pool_linear: [
    {
      expression:
        "F.cross_entropy(F.linear(F.max_pool2d(F.relu(F.batch_norm(F.conv2d(x, w1, padding=1), None, None, g1, b1, training=True)), 2).flatten(1), w2, b2), target)",
      answer(given) {
        const features = relu(
          normalised(conv(given.tensor("x"), given.tensor("w1"), same3x3), given.tensor("g1"), given.tensor("b1")),
        );
        const logits = linear(flatten(maxPool(features, 2), 1), given.tensor("w2"), given.tensor("b2"));
        return mean(softmaxCrossEntropy(logits, given.tensor("target")));
      },
    },
  ],
  residual_block: [
    {
      expression:
        "F.relu(x + F.batch_norm(F.conv2d(F.relu(F.batch_norm(F.conv2d(x, w1, padding=1), None, None, g1, b1, training=True)), w2, padding=1), None, None, g2, b2, training=True))",
      answer(given) {
        const x = given.tensor("x");
        const inner = relu(normalised(conv(x, given.tensor("w1"), same3x3), given.tensor("g1"), given.tensor("b1")));
        return relu(
          add(x, normalised(conv(inner, given.tensor("w2"), same3x3), given.tensor("g2"), given.tensor("b2"))),
        );
      },
    },
  ],
  dense_block: [
    {
      expression:
        "(lambda y: torch.cat([y, F.conv2d(F.relu(y), w2, padding=1)], 1))(torch.cat([x, F.conv2d(F.relu(x), w1, padding=1)], 1))",
      answer: (given) => grown(grown(given.tensor("x"), given.tensor("w1")), given.tensor("w2")),
    },
  ],
  squeeze_excite: [
    {
      expression: "x * torch.sigmoid(F.linear(F.relu(F.linear(x.mean((2, 3)), w1)), w2))[:, :, None, None]",
      answer(given) {
        const x = given.tensor("x");
        const gate = sigmoid(linear(relu(linear(mean(x, [2, 3]), given.tensor("w1"))), given.tensor("w2")));
        return mul(x, reshape(gate, [at(x.shape, 0), at(x.shape, 1), 1, 1]));
      },
    },
  ],
  autoencoder: [
    {
      expression:
        "F.mse_loss(torch.tanh(F.conv_transpose2d(F.relu(F.conv2d(x, w1, stride=2, padding=1)), w2, stride=2, padding=1)), x)",
      answer(given) {
        const x = given.tensor("x");
        const half = { stride: 2, padding: 1 };
        const code = relu(conv(x, given.tensor("w1"), half));
        return mean(square(sub(tanh(convTranspose(code, given.tensor("w2"), half)), x)));
      },
    },
  ],
  depthwise_separable: [
    {
      expression:
        "F.conv2d(F.hardswish(F.batch_norm(F.conv2d(x, w1, padding=1, groups=3), None, None, g1, b1, training=True)), w2)",
      answer(given) {
        const depthwise = conv(given.tensor("x"), given.tensor("w1"), { padding: 1, groups: 3 });
        return conv(hardSwish(normalised(depthwise, given.tensor("g1"), given.tensor("b1"))), given.tensor("w2"));
      },
    },
  ],
  shared_weights: [
    {
      expression: "F.conv2d(torch.tanh(F.conv2d(x, w, padding=1)), w, padding=1)",
      answer(given) {
        const weight = given.tensor("w");
        return conv(tanh(conv(given.tensor("x"), weight, same3x3)), weight, same3x3);
      },
    },
  ],
  dilated_causal_gate: [
    {
      expression:
        "torch.tanh(F.conv1d(F.pad(x, [2, 0]), w1, dilation=2)) * torch.sigmoid(F.conv1d(F.pad(x, [2, 0]), w2, dilation=2))",
      answer(given) {
        const x = given.tensor("x");
        const branch = (weight: Tensor): Tensor => conv(x, weight, { padding: [[2, 0]], dilation: 2 });
        return mul(tanh(branch(given.tensor("w1"))), sigmoid(branch(given.tensor("w2"))));
      },
    },
  ],
};
