// Numbers for people.

export function withCommas(count: number): string {
  return count.toLocaleString("en");
}

/** 1234567 as 1.23 M. */
export function short(count: number): string {
  const units = ["", " k", " M", " G", " T"];
  let [value, unit] = [count, 0];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : Number(value.toPrecision(3))}${units[unit] ?? ""}`;
}

/** Four digits at most, so that a column of values stays narrow. */
export function shown(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

export function milliseconds(value: number): string {
  return value < 10
    ? `${value.toFixed(2)} ms`
    : value < 1000
      ? `${value.toFixed(value < 100 ? 1 : 0)} ms`
      : `${(value / 1000).toFixed(2)} s`;
}
