// Products of vectors, matrices and stacks of them.
import { type Tensor, add, at, einsum, matmul, mul, reshape, sum, transpose } from "@stria/core";
import type { Arguments } from "../arguments.ts";
import { unsqueeze } from "./axes.ts";
import type { CallTable, ExpressionTable } from "./call.ts";

/** PyTorch's matmul: a vector on the left is a row, on the right a column, and its axis goes away again. */
function product(a: Tensor, b: Tensor): Tensor {
  const [left, right] = [a.rank === 1 ? unsqueeze(a, 0) : a, b.rank === 1 ? unsqueeze(b, 1) : b];
  const y = matmul(left, right);
  const rows = a.rank === 1 ? y.shape.toSpliced(-2, 1) : y.shape;
  return reshape(y, b.rank === 1 ? rows.slice(0, -1) : rows);
}

/** x W' + b along the last axis. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const rows = matmul(reshape(x, [x.size / at(weight.shape, 1), at(weight.shape, 1)]), weight, { transposeB: true });
  const y = reshape(rows, [...x.shape.slice(0, -1), at(weight.shape, 0)]);
  return bias ? add(y, bias) : y;
}

/** C C' of the channels [N, C, ...], divided by the number of elements of one example. */
function gram(x: Tensor): Tensor {
  const [batch = 0, channels = 0, ...rest] = x.shape;
  const flat = reshape(x, [batch, channels, rest.reduce((count, length) => count * length, 1)]);
  return mul(matmul(flat, flat, { transposeB: true }), 1 / (x.size / batch));
}

function pair(given: Arguments, options: { transposeA?: boolean; transposeB?: boolean }): Tensor {
  return matmul(given.tensor(), given.tensor("other"), options);
}

export const matmulCalls: CallTable = {
  "torch.mm": (given) => matmul(given.tensor(), given.tensor("mat2")),
  "torch.bmm": (given) => matmul(given.tensor(), given.tensor("mat2")),
  "torch.matmul": (given) => product(given.tensor(), given.tensor("other")),
  "torch.nn.functional.linear": (given) => linear(given.tensor(), given.tensor("weight"), given.maybe("bias")),
  "torch.addmm": (given) =>
    add(
      mul(given.tensor(), given.number("beta", 1)),
      mul(matmul(given.tensor("mat1"), given.tensor("mat2")), given.number("alpha", 1)),
    ),
  "torch.outer": (given) => matmul(unsqueeze(given.tensor(), 1), unsqueeze(given.tensor("vec2"), 0)),
  "torch.dot": (given) => sum(mul(given.tensor(), given.tensor("tensor"))),
  "torch.t": (given) => transpose(given.tensor()),
};

export const matmulExpressions: ExpressionTable = {
  "torch.einsum": [
    {
      expression: "torch.einsum(equation, *tensors)",
      answer: (given) => einsum(given.text("equation"), ...given.tensors()),
    },
  ],
  matmul_transposed_left: [{ expression: "input.mT @ other", answer: (given) => pair(given, { transposeA: true }) }],
  matmul_transposed_batch: [{ expression: "input.mT @ other", answer: (given) => pair(given, { transposeA: true }) }],
  matmul_transposed_right: [{ expression: "input @ other.mT", answer: (given) => pair(given, { transposeB: true }) }],
  matmul_transposed_both: [
    { expression: "input.mT @ other.mT", answer: (given) => pair(given, { transposeA: true, transposeB: true }) },
  ],
  gram: [
    {
      expression: "input.flatten(2) @ input.flatten(2).mT / input[0].numel()",
      answer: (given) => gram(given.tensor()),
    },
  ],
};
