// Worked examples of the exact functions, and of mixing.
import {
  boxes,
  copyPaste,
  cutmix,
  drawCopyPaste,
  equalize,
  image,
  keypoints,
  mask,
  mixup,
  mosaic,
  motionBlurImage,
  tenCrop,
} from "@stria/augmentation";
import { itemRandom } from "@stria/data";
import { describe, expect, it } from "vitest";

describe("worked examples", () => {
  it("motion blur along rows is the mean of neighbours; along a column it leaves rows alone", () => {
    const picture = image(Float32Array.of(0, 0, 3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0, 0), [1, 3, 5]);
    expect([...motionBlurImage(picture, { size: 3, angle: 0 }).values]).toEqual([
      0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0,
    ]);
    expect([...motionBlurImage(picture, { size: 3, angle: 90 }).values]).toEqual([...picture.values]);
  });

  it("an image of one value stays when it is equalised", () => {
    const flat = image(new Uint8Array(9).fill(77), [1, 3, 3]);
    expect(equalize(flat)).toEqual(flat);
  });

  it("ten crops are five of the image and five of its mirror image", () => {
    const crops = tenCrop(image(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), [1, 3, 3]), 1);
    expect(crops.map(({ values }) => values[0])).toEqual([1, 3, 7, 9, 5, 3, 1, 9, 7, 5]);
  });

  it("a mosaic: four images meet in a point, with what is theirs", () => {
    const corner = (value: number) => ({
      picture: image(new Uint8Array(4).fill(value), [1, 2, 2]),
      seen: mask(new Uint8Array(4).fill(value), [2, 2]),
      found: boxes(Float32Array.of(0, 0, 2, 2), Int32Array.of(value)),
      middle: keypoints(Float32Array.of(1, 1)),
    });
    const joined = mosaic(4, { fill: 9 }).apply([corner(1), corner(2), corner(3), corner(4)], { row: 1, column: 2 });
    // One row above the point, three below, of which images of two rows fill two.
    expect([...joined.picture.values]).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4, 9, 9, 9, 9]);
    expect([...joined.seen.values]).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4, 0, 0, 0, 0]);
    expect([...joined.found.values]).toEqual([0, 0, 2, 1, 2, 0, 4, 1, 0, 1, 2, 3, 2, 1, 4, 3]);
    expect([...joined.found.labels]).toEqual([1, 2, 3, 4]);
    expect([...joined.middle.values]).toEqual([1, 0, 3, 0, 1, 2, 3, 2]);
    const { row, column } = mosaic([40, 80]).draw(itemRandom(1, { epoch: 0, index: 3 }));
    expect(row >= 10 && row <= 30 && column >= 20 && column <= 60).toBe(true);
  });

  it("a mosaic drops key points that are outside of their own piece, as albumentations does", () => {
    const picture = image(new Uint8Array(16), [1, 4, 4]);
    const points = keypoints(Float32Array.of(0.5, 0.5, 1.5, 1.5, 3.5, 3.5, 2.5, 0.5));
    const sample = { picture, points };
    const joined = mosaic(4).apply([sample, sample, sample, sample], { row: 2, column: 2 });
    // Of the first image the lower right quarter is seen, of the second the lower left, and so on; albumentations 2.0.8 keeps the same four of sixteen.
    expect([...joined.points.values]).toEqual([1.5, 1.5, 0.5, 2.5, 2.5, 2.5, 3.5, 3.5]);
    // Where the meeting point lies at the border nothing of two images is left.
    const right = mosaic(4).apply([sample, sample, sample, sample], { row: 0, column: 4 });
    expect([...right.points.values]).toEqual([0.5, 0.5, 1.5, 1.5, 3.5, 3.5, 2.5, 0.5]);
  });

  it("copy-paste: an object on another hides part of it, and all of a small one", () => {
    const scene = (
      background: number,
      instances: readonly number[],
      box: readonly number[],
      labels: readonly number[],
    ) => ({
      image: image(
        Uint8Array.from({ length: 6 }, (_, i) => background + i),
        [1, 2, 3],
      ),
      instances: mask(Int32Array.from(instances), [2, 3]),
      boxes: boxes(Float32Array.from(box), Int32Array.from(labels)),
    });
    const target = scene(0, [1, 1, 0, 2, 0, 0], [0, 0, 2, 1, 0, 1, 1, 2], [7, 8]);
    const source = scene(100, [1, 0, 2, 1, 0, 0], [0, 0, 1, 2, 2, 0, 3, 1], [5, 6]);
    const made = copyPaste(target, source, { chosen: [0] });
    expect([...made.image.values]).toEqual([100, 1, 2, 103, 4, 5]);
    expect([...made.instances.values]).toEqual([2, 1, 0, 2, 0, 0]);
    expect([...made.boxes.values]).toEqual([1, 0, 2, 1, 0, 0, 1, 2]);
    expect([...made.boxes.labels]).toEqual([7, 5]); // 8 is hidden
    expect(drawCopyPaste(itemRandom(1, { epoch: 0, index: 1 }), 3, 1)).toEqual({ chosen: [0, 1, 2] });
  });

  it("mixup and CutMix draw shares of which the mean is a half, and labels that sum to 1", () => {
    const canvas = { height: 8, width: 8 };
    const batch = { values: Float32Array.of(1, 0, 0, 1), shape: [2, 1, 1, 2] } as const;
    let sum = 0;
    const draws = 2000;
    for (let index = 0; index < draws; index++) {
      const parameters = mixup({ alpha: 0.4 }).draw(itemRandom(5, { epoch: 0, index }), canvas);
      sum += parameters.lambda;
      const labels = mixup().labels([0, 1], 2, parameters, canvas);
      expect((labels[0] ?? 0) + (labels[1] ?? 0)).toBeCloseTo(1, 6);
      expect(mixup().images(batch, parameters).values[0]).toBeCloseTo(parameters.lambda, 6);
    }
    // Beta(0.4, 0.4) has variance 1 / (4 * 1.8): five standard errors of the mean.
    expect(Math.abs(sum / draws - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 7.2 / draws));
    const window = cutmix().draw(itemRandom(5, { epoch: 0, index: 2 }), canvas);
    const share = 1 - (window.height * window.width) / 64;
    expect(cutmix().labels([0, 1], 2, window, canvas)[0]).toBeCloseTo(share, 6);
  });
});
