// Pictures that come with the app: drawn by the app itself, so that nobody's photograph is needed.
import { Refusal } from "./refusal.ts";

/** Shapes in a square of 32 units, the first at the back. */
type Drawing = readonly (readonly [colour: string, shape: string])[];

const drawings: Readonly<Record<string, Drawing>> = {
  ship: [
    ["#a9c7e0", "M0 0h32v20H0z"],
    ["#3f6d96", "M0 19h32v13H0z"],
    ["#e8e6e0", "M8 12h13v5H8z"],
    ["#f5f4f0", "M10 8h7v4h-7z"],
    ["#c8452e", "M12 4h3v4h-3z"],
    ["#22262c", "M3 17h26l-4 7H7z"],
    ["#b23a2a", "M5 21.5h22l-1.500 2.500H7z"],
    ["#5c86ab", "M0 25l8-1 8 1 8-1 8 1v2H0z"],
  ],
  airplane: [
    ["#8fb6dd", "M0 0h32v32H0z"],
    ["#c6dbee", "M0 22c6-4 10 0 16-2s10-1 16 1v11H0z"],
    ["#eef0f2", "M3 15c0-2 3-3 6-3h16c3 0 5 2 5 3s-2 2-5 2H9c-3 0-6 0-6-2z"],
    ["#cfd5db", "M14 15h6l-6 9h-3z"],
    ["#dfe4e9", "M14 13h5l-3-7h-2z"],
    ["#c8452e", "M4 14l-2-7h3l4 6z"],
    ["#4a5563", "M25 13h3l1 1.500h-4z"],
  ],
  truck: [
    ["#cfd8dc", "M0 0h32v21H0z"],
    ["#7b7f84", "M0 21h32v11H0z"],
    ["#d9dde0", "M2 7h17v16H2z"],
    ["#c0392b", "M19 11h7l4 6v6H19z"],
    ["#2c3a47", "M21 12.500h4.500l2.500 4H21z"],
    ["#1c1f23", "M4 23a3 3 0 1 0 6 0 3 3 0 1 0-6 0zM21 23a3 3 0 1 0 6 0 3 3 0 1 0-6 0z"],
    ["#9aa0a6", "M6 23a1 1 0 1 0 2 0 1 1 0 1 0-2 0zM23 23a1 1 0 1 0 2 0 1 1 0 1 0-2 0z"],
  ],
  digit: [
    ["#000000", "M0 0h32v32H0z"],
    ["#f2f2f2", "M9 7h14v3l-7 16h-4l7-15.500H9z"],
  ],
};

/** Pixels of a side: more than any model here reads. */
const side = 320;

/** @throws Refusal for a name that is none of them. */
export function drawSample(name: string): ImageBitmap {
  const drawing = drawings[name];
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext("2d");
  if (drawing === undefined || context === null) throw new Refusal(`There is no sample "${name}".`);
  context.scale(side / 32, side / 32);
  const paths = drawing.map(([colour, shape]) => ({ colour, path: new Path2D(shape) }));
  for (const { colour, path } of paths) {
    context.fillStyle = colour;
    context.fill(path, "nonzero");
  }
  return canvas.transferToImageBitmap();
}
