// Strokes of a pen as an image like MNIST's: scaled into a box of 20x20, keeping their proportions, and moved so that the centre of mass of the
// ink is the centre of 28x28 (LeCun et al. 1998, section III.A).

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** From where the pen was put down to where it was lifted. One point is a dot. */
export type Stroke = readonly Point[];

export const side = 28;
const box = 20;
/** Half the pen's width and half of its soft edge, in pixels: about what MNIST's pens have. */
const reach = 1.9;
const edge = 1.5;
/** Of the pad's width: what is smaller is a dot, and stays small. */
const smallest = 0.05;

/** Lowers `distances` (squared, of pixel centres) to those of a segment. */
function addSegment(distances: Float32Array, from: Point, to: Point): void {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const scale = 1 / Math.max(dx * dx + dy * dy, 1e-9);
  for (let row = 0, place = 0; row < side; row++)
    for (let column = 0; column < side; column++, place++) {
      // The centre of a pixel is at a half.
      const [x, y] = [column + 0.5 - from.x, row + 0.5 - from.y];
      const along = Math.min(1, Math.max(0, (x * dx + y * dy) * scale));
      const distance = (x - along * dx) ** 2 + (y - along * dy) ** 2;
      if (distance < (distances[place] ?? 0)) distances[place] = distance;
    }
}

function draw(strokes: readonly Stroke[], place: (point: Point) => Point): Uint8Array<ArrayBuffer> {
  const distances = new Float32Array(side * side).fill(Infinity);
  for (const stroke of strokes) {
    const points = stroke.map(place);
    for (const [index, point] of points.entries()) addSegment(distances, points[index - 1] ?? point, point);
  }
  return Uint8Array.from(distances, (distance) =>
    Math.round(255 * Math.min(1, Math.max(0, (reach - Math.sqrt(distance)) / edge))),
  );
}

/** The centre of mass of an image's ink, in pixels from its top left corner; its middle where there is no ink. */
export function centreOfMass(pixels: Uint8Array): Point {
  let [mass, x, y] = [0, 0, 0];
  for (const [place, ink] of pixels.entries()) {
    mass += ink;
    x += ink * ((place % side) + 0.5);
    y += ink * (Math.floor(place / side) + 0.5);
  }
  return mass === 0 ? { x: side / 2, y: side / 2 } : { x: x / mass, y: y / mass };
}

/** The image of strokes, 28x28 bytes from 0 (paper) to 255 (ink); any unit of length will do. Undefined where nothing was drawn. */
export function normaliseStrokes(strokes: readonly Stroke[], padWidth = 1): Uint8Array<ArrayBuffer> | undefined {
  const points = strokes.flat();
  if (points.length === 0) return undefined;
  const [left, right] = [Math.min(...points.map(({ x }) => x)), Math.max(...points.map(({ x }) => x))];
  const [top, bottom] = [Math.min(...points.map(({ y }) => y)), Math.max(...points.map(({ y }) => y))];
  const scale = (box - 2 * reach) / Math.max(right - left, bottom - top, smallest * padWidth);
  const placed =
    (middleX: number, middleY: number) =>
    ({ x, y }: Point): Point => ({
      x: middleX + scale * (x - (left + right) / 2),
      y: middleY + scale * (y - (top + bottom) / 2),
    });
  const mass = centreOfMass(draw(strokes, placed(side / 2, side / 2)));
  // Ink reaches at most half a box from the middle: moved further than this, it would be cut.
  const most = (side - box) / 2;
  const move = (from: number): number => side / 2 + Math.max(-most, Math.min(most, side / 2 - from));
  return draw(strokes, placed(move(mass.x), move(mass.y)));
}
