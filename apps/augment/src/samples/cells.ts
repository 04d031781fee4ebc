// Blood as a microscope shows it: red cells (class 1), a white one with its nucleus (class 2), platelets (class 3).
import { type Colour, type Shape, type Thing, type Scene, between, drawScene, ellipse, texture } from "./raster.ts";

const size = [240, 320] as const;

function plasma(x: number, y: number): Colour {
  return between([236, 224, 226], [222, 204, 212], texture(x, y, 60) + 0.2 * texture(x, y, 3));
}

function red(x: number, y: number, radius: number): Shape[] {
  const paint = (column: number, row: number): Colour => {
    const far = Math.hypot(column - x, row - y) / radius;
    return between(between([226, 172, 172], [196, 96, 104], far * 1.1), [150, 60, 72], Math.max(0, far - 0.86) * 5);
  };
  return [ellipse(x, y, radius, radius * 0.94, paint)];
}

function white(x: number, y: number, radius: number): Shape[] {
  const body = (column: number, row: number): Colour =>
    between([214, 190, 220], [188, 158, 206], texture(column, row, 7));
  const nucleus = (column: number, row: number): Colour =>
    between([104, 58, 150], [72, 34, 116], texture(column, row, 6));
  return [
    ellipse(x, y, radius, radius * 0.96, body),
    ellipse(x - radius * 0.3, y - radius * 0.22, radius * 0.42, radius * 0.4, nucleus),
    ellipse(x + radius * 0.28, y - radius * 0.1, radius * 0.38, radius * 0.46, nucleus),
    ellipse(x - radius * 0.02, y + radius * 0.36, radius * 0.46, radius * 0.34, nucleus),
  ];
}

const platelet = (x: number, y: number): Shape[] => [
  ellipse(x, y, 8, 6, (column, row) => between([150, 104, 180], [110, 70, 150], texture(column, row, 3))),
];

const reds = [
  [44, 46],
  [110, 30],
  [26, 120],
  [92, 106],
  [282, 40],
  [232, 58],
  [300, 118],
  [60, 196],
  [128, 206],
  [292, 200],
  [176, 40],
  [222, 214],
] as const;

const things: readonly Thing[] = [
  ...reds.map(([x, y], index) => ({ label: 1, shapes: red(x, y, 24 + ((index * 5) % 7)) })),
  { label: 2, shapes: white(194, 132, 46) },
  { label: 3, shapes: platelet(140, 150) },
  { label: 3, shapes: platelet(262, 160) },
];

export function cells(): Scene {
  const { keypoints: _, ...scene } = drawScene(size, plasma, things);
  return scene;
}
