// A public function as a function of one of the numbers that it takes.

export type ByNumber = readonly [name: string, of: (value: number) => unknown];

/** What stands in place of a sensible number: no numbers, too large or small ones, and what JavaScript lets through in their place. */
export const wrongNumbers: readonly unknown[] = [
  Number.NaN,
  Infinity,
  -Infinity,
  0.5,
  -1,
  -0,
  0,
  2 ** 31,
  2 ** 53,
  1e308,
  "2",
  "",
  null,
  {},
  [],
  [2, 2, 2, 2],
  true,
  () => 2,
  Promise.resolve(2),
];
