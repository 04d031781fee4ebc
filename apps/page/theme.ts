// The colours of the style sheet, for what is drawn on canvases.

export type Rgb = readonly [red: number, green: number, blue: number];

/** The value of a colour token such as `--accent`. */
export function colour(token: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(token).trim();
}

/** The same as numbers. Tokens are written #rrggbb. */
export function rgb(token: string): Rgb {
  const value = Number.parseInt(colour(token).slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Calls `changed` when the system turns light or dark. */
export function onThemeChange(changed: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}
