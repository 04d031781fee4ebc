// What those know who ask for the product of few rows.

/** Argument words; all but the addresses, the columns and the bound are bytes. */
export const fewRowsArguments = [
  // Addresses; the bias is 0 where there is none.
  "a",
  "b",
  "c",
  "bias",
  "columns",
  "depth",
  // From one row of A and C, and from one column of B, to the next.
  "pitchA",
  "pitchB",
  "pitchC",
  // The least result, as the bits of a float32.
  "least",
] as const;

/** Columns of a unit. */
export const fewRowsColumns = 8;
