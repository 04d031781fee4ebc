// Pictures of what is made of several samples, or makes several of one.
import {
  type Image,
  type PartsByName,
  copyPaste,
  cutmix,
  drawCopyPaste,
  fiveCrop,
  flipBoxes,
  flipImage,
  flipKeypoints,
  flipMask,
  image,
  keypoints,
  mask,
  mixup,
  mosaic,
  tenCrop,
  testTimeViews,
} from "@stria/augmentation";
import { itemRandom } from "@stria/data";
import { cells } from "../samples/cells.ts";
import { face } from "../samples/face.ts";
import { harbour } from "../samples/harbour.ts";
import type { Scene } from "../samples/raster.ts";
import type { Canvas } from "./canvas.ts";
import { strip } from "./strips.ts";

export interface Several {
  readonly does: string;
  readonly paper?: string;
  /** What becomes of labels, masks, boxes and key points. */
  readonly others: string;
  readonly draw: () => Canvas;
}

const canvas = { height: 240, width: 320 };
const random = (index: number) => itemRandom(5, { epoch: 0, index });
const images = (): readonly Image<Uint8Array>[] => [harbour(), face(), cells()].map((scene) => scene.image);

function batch() {
  const all = images();
  const values = new Uint8Array(all.length * 3 * 240 * 320);
  for (const [index, one] of all.entries()) values.set(one.values, index * one.values.length);
  return { values, shape: [all.length, 3, 240, 320] as const };
}

function single(values: Uint8Array, index: number): PartsByName {
  const size = 3 * 240 * 320;
  return { image: image(values.slice(index * size, (index + 1) * size), [3, 240, 320]) };
}

function mirrored(scene: Required<Scene>): Required<Scene> {
  return {
    image: flipImage(scene.image, "horizontal"),
    mask: flipMask(scene.mask, "horizontal"),
    boxes: flipBoxes(scene.boxes, "horizontal", canvas),
    keypoints: flipKeypoints(scene.keypoints, "horizontal", canvas),
  };
}

/** A scene with no part missing. */
function whole({ image: picture, ...parts }: Scene): Required<Scene> {
  const none = { mask: mask(new Uint8Array(240 * 320), [240, 320]), keypoints: keypoints(new Float32Array(0)) };
  const { boxes } = harbour();
  if (!boxes) throw new TypeError("the harbour has boxes");
  return { boxes, ...none, ...parts, image: picture };
}

/** The objects of a scene as copyPaste takes them: the pixels of each box that are of its class. */
function objects(scene: Required<Scene>) {
  const instances = new Int32Array(240 * 320);
  for (const [object, label] of scene.boxes.labels.entries()) {
    const [left = 0, top = 0, right = 0, bottom = 0] = scene.boxes.values.subarray(4 * object, 4 * object + 4);
    for (let y = Math.floor(top); y < bottom; y++)
      for (let x = Math.floor(left); x < right; x++)
        if (scene.mask.values[y * 320 + x] === label) instances[y * 320 + x] = object + 1;
  }
  return { image: scene.image, instances: mask(instances, [240, 320]), boxes: scene.boxes };
}

export const several: Readonly<Record<string, Several>> = {
  mixup: {
    does: "Each image of a batch averaged with the one before it, with a random weight.",
    paper: "Zhang et al. 2018",
    others: "Labels become shares of classes, with the same weight.",
    draw() {
      const transform = mixup({ alpha: 4 });
      const { values } = transform.images(batch(), transform.draw(random(3), canvas));
      return strip([0, 1, 2].map((index) => single(values, index)));
    },
  },
  cutmix: {
    does: "A rectangle of the image before it in a batch.",
    paper: "Yun et al. 2019",
    others: "Labels become shares of classes, by area.",
    draw() {
      const transform = cutmix();
      const { values } = transform.images(batch(), transform.draw(random(2), canvas));
      return strip([0, 1, 2].map((index) => single(values, index)));
    },
  },
  mosaic: {
    does: "Four samples around a point.",
    paper: "Bochkovskiy et al. 2020",
    others:
      "Masks, boxes and key points of all four, where they are then; boxes are clipped, and left out where too little is left, as are points that are not seen.",
    draw() {
      const four = [harbour(), cells(), face(), mirrored(whole(harbour()))].map((scene) => ({ ...whole(scene) }));
      const [first, second, third, fourth] = four;
      if (!first || !second || !third || !fourth) throw new TypeError("a mosaic is of four");
      const transform = mosaic([240, 320], { minimumSide: 6 });
      return strip(
        [0, 1, 2].map((index) => transform.apply([first, second, third, fourth], transform.draw(random(index)))),
      );
    },
  },
  copyPaste: {
    does: "Objects of one image, cut out along their outlines, on another.",
    paper: "Ghiasi et al. 2021",
    others:
      "Those that are partly covered get the box of what is left, those wholly covered go; the pasted ones come last.",
    draw() {
      const [target, source] = [objects(whole(cells())), objects(whole(harbour()))];
      const made = [1, 4, 6].map((index) => copyPaste(target, source, drawCopyPaste(random(index), 3, 0.6)));
      return strip(made.map((scene) => ({ image: scene.image, boxes: scene.boxes })));
    },
  },
  fiveCrop: {
    does: "The corners and the middle, to be averaged over in tests.",
    others: "A function of images.",
    draw: () => strip(fiveCrop(harbour().image, [160, 200]).map((one) => ({ image: one }))),
  },
  tenCrop: {
    does: "The five crops of an image and of its mirror image; here the mirror image's.",
    paper: "Krizhevsky et al. 2012",
    others: "A function of images.",
    draw: () =>
      strip(
        tenCrop(harbour().image, [160, 200])
          .slice(5)
          .map((one) => ({ image: one })),
      ),
  },
  testTimeViews: {
    does: "An image mirrored, turned, larger, for tests.",
    others: "Maps, masks, boxes and key points that a network finds in a view are brought back to the image.",
    draw: () =>
      strip(
        testTimeViews(canvas, { turns: [0, 1], scales: [1, 0.6] })
          .slice(0, 5)
          .map((view) => ({ image: view.image(harbour().image) })),
      ),
  },
};
