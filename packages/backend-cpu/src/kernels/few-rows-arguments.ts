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

/** With more rows packed columns are used often enough. */
const mostRows = 8;
/** With less depth there is little to read, and sums have to be added up across lanes. */
const leastDepth = 32;

/** Whether a product is of a size that a kernel without packing is for. */
export function canBeFewRows(rows: number, depth: number): boolean {
  return rows <= mostRows && depth >= leastDepth;
}
