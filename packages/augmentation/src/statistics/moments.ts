// Mean and standard deviation.

export interface Moments {
  readonly mean: number;
  /** Of the population: divided by the count. */
  readonly deviation: number;
}

/** Mean and population standard deviation, in float64. */
export function momentsOf(values: ArrayLike<number>): Moments {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += ((values[i] ?? 0) - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/** Population standard deviation. */
export function deviationOf(values: ArrayLike<number>): number {
  return momentsOf(values).deviation;
}
