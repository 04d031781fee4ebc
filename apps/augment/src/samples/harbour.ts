// Boats on the sea in the evening: classes 1 (boats) and 2 (a balloon), boxes around them, and the tips of their masts.
import {
  type Colour,
  type Shape,
  type Thing,
  type Scene,
  between,
  drawScene,
  ellipse,
  polygon,
  texture,
} from "./raster.ts";

const [height, width] = [240, 320];
const horizon = 138;

function sky(x: number, y: number): Colour {
  const cloud = texture(x, 3 * y, 46) * 0.6 + texture(x, 3 * y, 17) * 0.4;
  const clear = between([74, 128, 200], [255, 205, 150], (y / horizon) ** 1.4);
  return between(clear, [255, 244, 232], Math.max(0, cloud - 0.52) * 2.2);
}

function sea(x: number, y: number): Colour {
  const depth = (y - horizon) / (height - horizon);
  const wave = texture(x, y * (6 - 4 * depth), 9 + 14 * depth);
  const glitter = Math.abs(x - 246) < 8 + 40 * depth && wave > 0.6 ? 0.55 : 0;
  return between(between([92, 148, 178], [18, 66, 104], depth + (wave - 0.5) * 0.5), [255, 226, 170], glitter);
}

function boat(x: number, y: number, scale: number, hull: Colour, sail: Colour): Shape[] {
  const at = (...corners: readonly (readonly [number, number])[]) =>
    corners.map(([across, down]) => [x + across * scale, y + down * scale] as const);
  return [
    polygon(at([-1, -78], [1, -78], [1, 2], [-1, 2]), [84, 60, 44]),
    polygon(at([3, -74], [3, -8], [40, -8]), (column, row) => between(sail, [255, 255, 255], texture(column, row, 14))),
    polygon(at([-4, -62], [-4, -8], [-30, -8]), (column, row) =>
      between(sail, [120, 110, 120], texture(column, row, 20)),
    ),
    polygon(at([-40, -2], [46, -2], [34, 16], [-28, 16]), (_, row) =>
      between(hull, [20, 22, 30], (row - y) / (20 * scale)),
    ),
    polygon(at([-37, 3], [44, 3], [43, 5], [-36, 5]), [240, 236, 226]),
  ];
}

const stripes = (x: number): Colour => (Math.floor((x - 40) / 9) % 2 === 0 ? [206, 52, 52] : [250, 236, 208]);

const balloon: readonly Shape[] = [
  polygon(
    [
      [62, 82],
      [66, 82],
      [70, 96],
      [68, 96],
    ],
    [110, 84, 60],
  ),
  polygon(
    [
      [78, 82],
      [74, 82],
      [70, 96],
      [72, 96],
    ],
    [110, 84, 60],
  ),
  ellipse(70, 54, 28, 31, (x, y) => between(stripes(x), [70, 20, 40], Math.max(0, (y - 62) / 60))),
  polygon(
    [
      [64, 94],
      [76, 94],
      [75, 104],
      [65, 104],
    ],
    [138, 92, 52],
  ),
];

const hills: readonly Shape[] = [
  ellipse(40, horizon + 14, 96, 44, (x, y) => between([82, 104, 122], [60, 82, 92], texture(x, y, 8))),
  ellipse(170, horizon + 18, 80, 34, (x, y) => between([98, 118, 138], [76, 98, 112], texture(x, y, 8))),
  polygon(
    [
      [0, horizon],
      [width, horizon],
      [width, height],
      [0, height],
    ],
    sea,
  ),
];

const things: readonly Thing[] = [
  { label: 0, shapes: [ellipse(246, 104, 19, 19, [255, 238, 190])] },
  { label: 0, shapes: hills },
  { label: 2, shapes: balloon },
  { label: 1, shapes: boat(258, 158, 0.5, [60, 74, 96], [244, 214, 170]) },
  { label: 1, shapes: boat(146, 196, 1.05, [168, 44, 40], [246, 240, 226]) },
];

export function harbour(): Scene {
  return drawScene([height, width], sky, things, [
    [146, 115],
    [258, 119.5],
    [70, 23],
  ]);
}
