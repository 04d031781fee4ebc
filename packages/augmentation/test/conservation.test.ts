// What the exact functions conserve: flat images, mass and area.
import {
  adjustBrightness,
  affineWarp,
  gaussianBlurImage,
  image,
  localWarp,
  mask,
  motionBlurImage,
  resizeImage,
  rotationWarp,
  warpImage,
  warpMask,
} from "@stria/augmentation";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const sizes = fc.record({ height: fc.integer({ min: 2, max: 9 }), width: fc.integer({ min: 2, max: 9 }) });
const pixel = (i: number): number => (i * 53) % 251;
const floats = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => pixel(i) / 251);

describe("what is conserved", () => {
  it("a flat image stays flat through every filter and resize; brightness 1 and no pull change nothing", () => {
    fc.assert(
      fc.property(sizes, fc.double({ min: 0.01, max: 1, noNaN: true }), ({ height, width }, level) => {
        const flat = image(new Float32Array(height * width).fill(level), [1, height, width]);
        const near = (values: Float32Array): void => {
          for (const value of values) expect(value).toBeCloseTo(level, 5);
        };
        near(gaussianBlurImage(flat, { kernelSize: [3, 3], sigma: [1, 0.5] }).values);
        near(motionBlurImage(flat, { size: 3, angle: 33, direction: 0.5 }).values);
        for (const interpolation of ["nearest", "nearestExact", "bilinear", "bicubic"] as const)
          near(resizeImage(flat, { height: 7, width: 3 }, { interpolation }).values);
        near(warpImage(flat, rotationWarp({ height, width }, { angle: 30 }), { fill: level }).values);
        expect(adjustBrightness(flat, 1)).toEqual(flat);
        const none = localWarp({ height, width }, { centre: [1, 1], radius: 2, shift: [0, 0] });
        expect(warpImage(flat, none)).toEqual(flat);
      }),
    );
  });

  it("mass: halving an image by its mean halves each side's mass; whole translation drops what leaves and nothing else", () => {
    const picture = image(floats(64), [1, 8, 8]);
    const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);
    const half = resizeImage(picture, { height: 4, width: 4 }, { antialias: false });
    expect(sum(half.values) * 4).toBeCloseTo(sum(picture.values), 4); // two by two, each once
    const moved = warpImage(picture, affineWarp({ height: 8, width: 8 }, { translate: [2, 0] }));
    const kept = [...picture.values].filter((_, i) => i % 8 < 6);
    expect(sum(moved.values)).toBeCloseTo(sum(kept), 5);
  });

  it("area: a disc of a mask grows by the square of the scale, and keeps its area when it is turned or sheared", () => {
    const [side, radius] = [96, 20];
    const disc = mask(
      Uint8Array.from({ length: side * side }, (_, i) =>
        Math.hypot((i % side) + 0.5 - side / 2, Math.floor(i / side) + 0.5 - side / 2) < radius ? 1 : 0,
      ),
      [side, side],
    );
    const area = (parameters: Parameters<typeof affineWarp>[1]): number =>
      warpMask(disc, affineWarp({ height: side, width: side }, parameters)).values.reduce(
        (sum, value) => sum + value,
        0,
      );
    const whole = Math.PI * radius ** 2;
    expect(Math.abs(area({ angle: 37 }) / whole - 1)).toBeLessThan(0.01);
    expect(Math.abs(area({ shear: [15, 0] }) / whole - 1)).toBeLessThan(0.01);
    expect(Math.abs(area({ scale: 1.7 }) / whole - 1.7 ** 2)).toBeLessThan(0.02 * 1.7 ** 2);
    expect(Math.abs(area({ scale: 0.5 }) / whole - 0.25)).toBeLessThan(0.01);
  });
});
