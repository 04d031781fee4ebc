// Argument words of the depthwise kernels, by name.

/** Of the convolution. One unit is a row of the output of one image. */
export const depthwiseArguments = [
  "input",
  /** [elements of the kernel, channels]. */
  "weight",
  "output",
  "bias",
  "residual",
  /** Places of the tiles in a row. */
  "tiles",
  "tilesEnd",
  /** For each row of an image where its joints start, in bytes in the list of joints, and one more. */
  "rowStarts",
  "joints",
  "rows",
  "inputImage",
  /** Bytes of a row of the output and of the residual. */
  "outputRow",
  "residualRow",
] as const;

/** Of the gradient by the weight. One unit is some channels. */
export const depthwiseGradientArguments = [
  "input",
  "gradient",
  /** [elements of the kernel, channels in whole vectors]. */
  "sums",
  "tiles",
  "tilesEnd",
  "rowStarts",
  "rowStartsEnd",
  "joints",
  "batch",
  "inputImage",
  /** Bytes of a row of the gradient. */
  "outputRow",
  /** Bytes of channels in a unit; of all channels, in whole vectors. */
  "unitBytes",
  "channelBytes",
  /** Elements of the kernel. */
  "taps",
] as const;
