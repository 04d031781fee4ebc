// Times and sizes as people say them.

const units = [
  [3600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

/** 74 s, 12 min, 3.4 h; 38 ms where it is less than a second. */
export function shortTime(seconds: number): string {
  if (seconds < 1) return `${Number((seconds * 1000).toPrecision(2))} ms`;
  const [size, unit] = units.find(([length]) => seconds >= 2 * length) ?? [1, "s"];
  return `${Number((seconds / size).toPrecision(2))} ${unit}`;
}

/** 410 MB; 1.2 GB. */
export function shortSize(bytes: number): string {
  return bytes >= 1e9 ? `${Number((bytes / 1e9).toPrecision(2))} GB` : `${Number((bytes / 1e6).toPrecision(2))} MB`;
}
