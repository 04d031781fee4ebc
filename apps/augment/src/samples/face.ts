// A drawn face: classes 1 (face), 2 (hair) and 3 (clothes), a box around the head, and five points: eyes, nose, corners of the mouth.
import { boxes } from "@stria/augmentation";
import { type Colour, type Scene, type Thing, between, drawScene, ellipse, polygon, texture } from "./raster.ts";

const size = [240, 320] as const;

function wall(x: number, y: number): Colour {
  const tile = (Math.floor(x / 40) + Math.floor(y / 40)) % 2 === 0 ? 0.12 : 0;
  return between([120, 168, 160], [70, 112, 120], y / 260 + tile + 0.15 * texture(x, y, 30));
}

const skin = (x: number, y: number): Colour =>
  between([236, 190, 160], [206, 148, 120], (x - 130) / 110 + 0.2 * texture(x, y, 12));
const hair = (x: number, y: number): Colour => between([70, 42, 28], [120, 76, 44], texture(x * 3, y, 9));
const shirt = (_: number, y: number): Colour => (Math.floor(y / 8) % 2 === 0 ? [54, 78, 140] : [232, 230, 224]);

const dark: Colour = [52, 34, 30];
const eye = (x: number) => [
  ellipse(x, 104, 11, 6.5, [250, 250, 250]),
  ellipse(x, 104, 5.5, 6, [64, 104, 120]),
  ellipse(x, 104, 2.6, 3, [16, 18, 22]),
  polygon(
    [
      [x - 14, 92],
      [x + 13, 89],
      [x + 13, 92],
      [x - 14, 95.5],
    ],
    dark,
  ),
];

const things: readonly Thing[] = [
  {
    label: 2,
    shapes: [
      ellipse(160, 96, 70, 74, hair),
      polygon(
        [
          [90, 92],
          [230, 92],
          [238, 190],
          [82, 190],
        ],
        hair,
      ),
    ],
  },
  { label: 3, shapes: [ellipse(160, 262, 112, 74, shirt)] },
  {
    label: 1,
    shapes: [
      polygon(
        [
          [140, 150],
          [180, 150],
          [186, 208],
          [134, 208],
        ],
        skin,
      ),
      ellipse(160, 114, 52, 64, skin),
    ],
  },
  { label: 1, shapes: [...eye(138), ...eye(182)] },
  {
    label: 1,
    shapes: [
      polygon(
        [
          [160, 108],
          [169, 134],
          [152, 134],
        ],
        [214, 158, 130],
      ),
      ellipse(160, 152, 20, 8, [176, 62, 66]),
      ellipse(160, 149, 17, 4, [236, 150, 146]),
    ],
  },
  {
    label: 2,
    shapes: [
      polygon(
        [
          [104, 84],
          [120, 48],
          [176, 42],
          [216, 76],
          [214, 92],
          [180, 66],
          [132, 70],
        ],
        hair,
      ),
    ],
  },
];

export function face(): Scene {
  const points = [
    [138, 104],
    [182, 104],
    [160, 132],
    [140, 152],
    [180, 152],
  ] as const;
  const scene = drawScene(size, wall, things, points);
  return { ...scene, boxes: boxes(Float32Array.of(88, 22, 232, 180), Int32Array.of(1)) };
}
