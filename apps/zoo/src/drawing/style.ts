// The colours of a picture that is a file of its own: light, and dark where the reader's system is. The page's are in styles/drawing.css.

const colours: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  i: ["#d9d6cd", "#4a4f57"],
  c: ["#7ea4ee", "#4f78c8"],
  t: ["#5bb7a8", "#2f8576"],
  d: ["#7dbb6a", "#4c8a3c"],
  p: ["#f0a66b", "#b86c2f"],
  z: ["#9ed3c9", "#3f8f83"],
  r: ["#b797e4", "#7a58ad"],
  e: ["#e8c95c", "#a3861f"],
  j: ["#c3c6cc", "#6a707a"],
  o: ["#e79fb4", "#a85a72"],
  m: ["#ffffff", "#181b20"],
};

const fills = (index: 0 | 1): string =>
  Object.entries(colours)
    .map(([kind, both]) => `.${kind}{fill:${both[index]}}`)
    .join("");

/** Style sheet of a file. */
export const style: string =
  `g{stroke:#3b4250;stroke-width:.6;stroke-linejoin:round}.s{fill-opacity:.55}text{fill:#1b1e23}.w{fill:#5b626c}.b{font-weight:600}` +
  `.e1,.e2{fill:none;stroke:#7c838e;stroke-width:.8}.e2{stroke:#c2570c}${fills(0)}` +
  `@media(prefers-color-scheme:dark){g{stroke:#0c0e11}text{fill:#e9ebee}.w{fill:#9ba3ae}.e2{stroke:#f2a35e}${fills(1)}.m{stroke:#9ba3ae}}`;
