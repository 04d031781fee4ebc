// The table of vectors that whole numbers stand for.
import { AttributeError, type Initialiser, Parameter, type Shape, type Tensor, embedding as lookUp } from "@stria/core";
import { checkSizes } from "./check.ts";
import { checkOptions } from "./check-options.ts";
import { normal } from "./initialisers.ts";
import { Module, inLayer } from "./module.ts";

export interface EmbeddingLayerOptions {
  /** The row of padding: its first value is 0, and it gets no gradient. Negative ones count from the last row. Default none. */
  readonly paddingIndex?: number;
  /** Default: PyTorch's, normal with deviation 1. */
  readonly weightInitialiser?: Initialiser;
}

/** An initialiser whose row `row` of [rows, size] is 0. */
function withZeroRow(initialise: Initialiser, row: number): Initialiser {
  return (shape: Shape, key) => {
    const [, size = 0] = shape;
    return initialise(shape, key)
      .slice()
      .fill(0, row * size, (row + 1) * size);
  };
}

/**
 * One row of a table for each index: int32 [...] -> [..., size], as PyTorch's Embedding. Indices that come from the host are checked before a run; on
 * a device one that is no row gives NaN.
 *
 * Parameter: `weight` [rows, size].
 * @throws AttributeError for sizes below 1 or a padding row that is not there; `forward` DTypeError for what holds no integers.
 */
export class Embedding extends Module {
  readonly weight: Parameter;
  readonly paddingIndex: number | null;

  constructor(rows: number, size: number, options: EmbeddingLayerOptions = {}) {
    super();
    checkSizes("Embedding", { rows, size });
    const { paddingIndex, weightInitialiser = normal() } = options;
    checkOptions("Embedding", options, { paddingIndex, weightInitialiser });
    if (paddingIndex !== undefined && !(Number.isInteger(paddingIndex) && paddingIndex >= -rows && paddingIndex < rows))
      throw new AttributeError(
        "Embedding",
        `paddingIndex is ${paddingIndex}, the table has ${rows} rows`,
        `use ${-rows} to ${rows - 1}`,
      );
    this.paddingIndex = paddingIndex === undefined ? null : paddingIndex < 0 ? paddingIndex + rows : paddingIndex;
    this.weight = new Parameter(
      [rows, size],
      this.paddingIndex === null ? weightInitialiser : withZeroRow(weightInitialiser, this.paddingIndex),
    );
  }

  override forward(indices: Tensor): Tensor {
    return inLayer(this, "Embedding", () =>
      lookUp(indices, this.weight, this.paddingIndex === null ? {} : { paddingIndex: this.paddingIndex }),
    );
  }
}

/** An {@link Embedding}: the first of a list of layers, with `inputDType` "int32". */
export function embedding(rows: number, size: number, options: EmbeddingLayerOptions = {}): Embedding {
  return new Embedding(rows, size, options);
}
