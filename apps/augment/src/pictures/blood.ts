// Mosaics of augmented photographs of blood with their boxes: what a detector would be trained with.
import {
  type Boxes,
  type Image,
  apply,
  colorJitter,
  compose,
  horizontalFlip,
  mosaic,
  parametersOf,
  randomAffine,
  randomQuarterTurn,
  resize,
} from "@stria/augmentation";
import { itemRandom } from "@stria/data";
import { bccd } from "@stria/datasets";
import { Canvas, colourOf } from "./canvas.ts";
import { asBytes } from "./tile.ts";

const side = 400;
const count = 2;

const transform = compose([
  resize([300, 400]),
  randomQuarterTurn(),
  horizontalFlip(),
  randomAffine({ degrees: 8, scale: [1.15, 1.3] }),
  colorJitter({ brightness: 0.15, contrast: 0.25, saturation: 0.4, hue: 0.03 }),
]);

/** Of the data below STRIA_DATA. @throws FolderError where they are not */
export async function bloodMosaic(): Promise<Canvas> {
  const { train } = await bccd();
  const canvas = new Canvas(side, count * (side + 8) - 8);
  const joined = mosaic(side, { minimumSide: 8, centre: [0.4, 0.6] });
  for (let which = 0; which < count; which++) {
    const sample = async (corner: number): Promise<{ readonly image: Image; readonly boxes: Boxes }> => {
      const index = 4 * which + corner + 8;
      const { image, boxes } = await train.get(index);
      const [, height, width] = image.shape;
      return apply(transform, { image, boxes }, parametersOf(transform, { height, width }, { seed: 3, index }));
    };
    const four = [await sample(0), await sample(1), await sample(2), await sample(3)] as const;
    const made = joined.apply([...four], joined.draw(itemRandom(3, { epoch: 0, index: which })));
    const left = which * (side + 8);
    canvas.paste(asBytes(made.image), left, 0);
    for (const [index, label] of made.boxes.labels.entries()) {
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = made.boxes.values.subarray(4 * index, 4 * index + 4);
      canvas.rectangle([x0 + left, y0, x1 + left, y1], colourOf(label + 1), 2);
    }
  }
  return canvas;
}
