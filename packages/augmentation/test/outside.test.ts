// Answers of OpenCV and Pillow where there is no golden of torchvision.
import { claheImage, image, jpegImage } from "@stria/augmentation";
import { describe, expect, it } from "vitest";

/** A byte for each pixel. */
function drawn(height: number, width: number, planes: readonly ((x: number, y: number) => number)[]): Uint8Array {
  return Uint8Array.from({ length: planes.length * height * width }, (_, i) => {
    const at = i % (height * width);
    const value = planes[Math.floor(i / (height * width))]?.(at % width, Math.floor(at / width)) ?? 0;
    return Math.trunc(Math.min(Math.max(value, 0), 255));
  });
}

describe("CLAHE of OpenCV 5.0, bit for bit", () => {
  const values = drawn(12, 16, [(x, y) => ((x * x * 7 + y * 13 + x * y * 3) % 200) + 20]);
  // cv2.createCLAHE(clipLimit, (columns, rows)).apply(image)
  it.each([
    [
      3,
      4,
      2,
      "2030709bb8e750b348db8f4018f7dfef40508fb7cf1470eb681cbf80503c20306080bfc3e7408f209740ffaf8f706080647fafd6fd65bf40c9752cf1c5ad9fbb5880afdf2086e76effab602e10f7ff18507cbfed32a71c9536db9b71543f4c685080bfff40bf50cb6820cfab88808f9f6897d71470db68f38b4e10e5c1b9d3e378a7e72887ff8028bf7e482c10ff304084c3ff3eaf28af47eba6806956627c8b8fcf1054c748cf6430dbaf9790a3bfdfafef2070e75cef9b581cefcfc7dbef40",
    ],
    [
      2,
      2,
      3,
      "0b15356aa5e856c54dd58d4315dfd4da252a558fca0f82ea8012bc8755352030304a759fdf3da719a848eeb28f756a804a608fbfff63cc48d08129e7bfafaaba547394d61c89e772feaa652d0cf0f4116383acdf3aa3109933d599675038425a6882bafc55bd36c06110ca9e887d889c759ccc1772d85de88d410bd9bdb8caeb7ba5de348afe7518b56e3c240afb1e358abfff40a5229e3dea9d6c574a50607a95cf155aca3dcc6022d6a58d808a9acaafe4257aea5cf48e480fe4c4bacaef25",
    ],
    [
      3,
      5,
      1.5,
      "1a265989b9e24cb546d68c4320e3ccd6334073accc1073ec6c17bf80524633404c66a6c3e63c991a9940f2af8c7366805e81b2d5fd62c03dc77827e8c1ab9db5618cb1e31d84e666fda9613211f3fb1a6686c0e733a30d9233dc996e59434c6e6281c5f64fc43ccf651dd1ac988fa3b16395d11366df65f48c5119ecd0c9e2ef72a6e62580ff7f20ca854c2f14ff263584bfff38b124ae4cf1af88685762849c99cc1453cc44d26b26dcb29993a2b2d9b2ee1f74e761f29b5219eacdc7d6e62d",
    ],
  ])("%i x %i tiles, limit %d", (rows, columns, clipLimit, golden) => {
    const made = claheImage(image(values, [1, 12, 16]), { clipLimit }, [rows, columns]);
    expect(Buffer.from(made.values).toString("hex")).toBe(golden);
  });
});

describe("JPEG of Pillow 13.0 (libjpeg-turbo)", () => {
  const rgb = drawn(20, 24, [
    (x, y) => 128 + 100 * Math.sin(x / 5) * Math.cos(y / 4),
    (x, y) => 128 + 90 * Math.cos((x + y) / 6),
    (x) => 40 + 8 * x,
  ]);
  const seen = (values: Uint8Array): number[] =>
    [0, 5, 10, 15].flatMap((row) => [0, 6, 12, 18].map((column) => values[row * 24 + column] ?? 0));

  it("in grey, quality 25: to a level, as the library's cosines are integers", () => {
    const made = jpegImage(image(rgb.slice(480, 960), [1, 20, 24]), 25);
    const golden = [219, 179, 78, 40, 194, 105, 38, 57, 119, 48, 49, 124, 60, 38, 100, 195];
    const off = seen(made.values).map((value, i) => Math.abs(value - (golden[i] ?? 0)));
    expect(Math.max(...off)).toBeLessThanOrEqual(1);
  });

  it("in colour, quality 40, to a few levels: its conversions are integers too", () => {
    const made = jpegImage(image(rgb, [3, 20, 24]), 40);
    const golden = [
      [142, 231, 194, 86, 128, 150, 141, 110, 121, 59, 77, 157, 124, 49, 70, 173],
      [207, 168, 89, 36, 188, 110, 46, 56, 122, 49, 45, 128, 59, 40, 102, 188],
      [53, 88, 145, 183, 56, 74, 138, 178, 64, 83, 128, 186, 65, 95, 125, 191],
    ];
    const off = golden.flatMap((plane, channel) =>
      seen(made.values.subarray(480 * channel, 480 * (channel + 1))).map((value, i) =>
        Math.abs(value - (plane[i] ?? 0)),
      ),
    );
    expect(Math.max(...off)).toBeLessThanOrEqual(3);
    const mean = made.values.reduce((sum, value, i) => sum + Math.abs(value - (rgb[i] ?? 0)), 0) / rgb.length;
    expect(mean).toBeCloseTo(5.16, 1); // how far Pillow's is off the original
  });
});
