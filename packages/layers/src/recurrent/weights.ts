// The parameters of a recurrent unit, and what the input and the hidden state make of them.
import { type Initialiser, Parameter, type Tensor, add, matmul } from "@stria/core";
import { uniform } from "../initialisers.ts";

export interface UnitWeights {
  /** [gates * hidden size, input size]. */
  readonly input: Parameter;
  /** [gates * hidden size, hidden size], or the projection's size. */
  readonly hidden: Parameter;
  readonly inputBias?: Parameter;
  readonly hiddenBias?: Parameter;
  /** [projection size, hidden size]. */
  readonly projection?: Parameter;
}

export interface UnitSizes {
  readonly gates: number;
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly bias: boolean;
  readonly projectionSize: number | null;
}

/** Parameters of one unit; all are uniform within 1 / sqrt(hidden size) at first, as in PyTorch. */
export function unitWeights({ gates, inputSize, hiddenSize, bias, projectionSize }: UnitSizes): UnitWeights {
  const bound = 1 / Math.sqrt(hiddenSize);
  const initialise: Initialiser = uniform(-bound, bound);
  const parameter = (...shape: number[]): Parameter => new Parameter(shape, initialise);
  const rows = gates * hiddenSize;
  return {
    input: parameter(rows, inputSize),
    hidden: parameter(rows, projectionSize ?? hiddenSize),
    ...(bias && { inputBias: parameter(rows), hiddenBias: parameter(rows) }),
    ...(projectionSize !== null && { projection: parameter(projectionSize, hiddenSize) }),
  };
}

/** The parameters by PyTorch's names and in its order; `suffix` is `_l0`, `_l0_reverse`, ..., nothing for cells. */
export function namedWeights(weights: UnitWeights, suffix: string): Record<string, Parameter> {
  const { input, hidden, inputBias, hiddenBias, projection } = weights;
  return {
    [`weight_ih${suffix}`]: input,
    [`weight_hh${suffix}`]: hidden,
    ...(inputBias && { [`bias_ih${suffix}`]: inputBias }),
    ...(hiddenBias && { [`bias_hh${suffix}`]: hiddenBias }),
    ...(projection && { [`weight_hr${suffix}`]: projection }),
  };
}

function affine(x: Tensor, weight: Parameter, bias: Parameter | undefined): Tensor {
  const product = matmul(x, weight, { transposeB: true });
  return bias ? add(product, bias) : product;
}

/** What inputs [rows, input size] contribute to the gates. */
export function fromInput(x: Tensor, { input, inputBias }: UnitWeights): Tensor {
  return affine(x, input, inputBias);
}

/** What the hidden state [N, size] contributes to the gates. */
export function fromHidden(hidden: Tensor, weights: UnitWeights): Tensor {
  return affine(hidden, weights.hidden, weights.hiddenBias);
}
