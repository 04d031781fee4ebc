// A colour for each class, the same in masks and around boxes.

/** Class 0 is background, and has none. The others are told apart by those who see no red, too (Okabe & Ito 2008). */
const colours = ["#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#f0e442", "#d55e00", "#0072b2"] as const;

export function colourOf(label: number): string {
  return colours[(Math.max(label, 1) - 1) % colours.length] ?? colours[0];
}

/** The same as numbers. */
export function rgbOf(label: number): readonly [red: number, green: number, blue: number] {
  const value = Number.parseInt(colourOf(label).slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
