// WebP files by Pillow 13.0.0 (libwebp 1.6), decoded to the same pixels.
import { createHash } from "node:crypto";
import { FormatError } from "@stria/core";
import { decodeImage, encodeImage, imageSize } from "@stria/images";
import { describe, expect, test } from "vitest";
import { alpha, animated, lossless, lossy, lossyAlpha, turned } from "./webp-files.ts";

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(hex, "hex"));
const hashOf = (data: Uint8Array | Uint16Array): string => createHash("sha256").update(data).digest("hex");
/** Red, green, blue; below them dark, middle and light. */
const colours = [255, 0, 0, 10, 40, 70, 0, 255, 0, 20, 50, 80, 0, 0, 255, 30, 60, 90];

describe("decodeImage", () => {
  test("lossless, with and without alpha, turned by EXIF data", async () => {
    const plain = await decodeImage(bytesOf(lossless));
    expect([[...plain.data], plain.shape, plain.format]).toEqual([colours, [3, 2, 3], "webp"]);
    const clear = await decodeImage(bytesOf(alpha));
    expect([clear.shape, [...clear.data]]).toEqual([
      [4, 2, 3],
      [...colours, 255, 128, 0, 1, 2, 255],
    ]);
    const upright = await decodeImage(bytesOf(turned));
    expect([upright.shape, upright.orientation, [...upright.data.subarray(0, 6)]]).toEqual([
      [3, 3, 2],
      6,
      [10, 255, 40, 0, 70, 0],
    ]);
    expect(imageSize(bytesOf(turned))).toMatchObject({ format: "webp", width: 2, height: 3, channels: 3, bits: 8 });
    expect((await decodeImage(bytesOf(turned), { orientation: "stored" })).shape).toEqual([3, 2, 3]);
  });

  test("lossy, to Pillow's pixels", async () => {
    expect(hashOf((await decodeImage(bytesOf(lossy))).data)).toBe(
      "f45456e447b55a5f2bf33c1dddef5abbaa8d8f2db4894211895c611b3ef76eb5",
    );
    expect(hashOf((await decodeImage(bytesOf(lossyAlpha))).data)).toBe(
      "9ff81479ca2505eaa797a60bc297f6b9a4dcce6f7f328b7372565aef25a7ca3d",
    );
  });

  const huge = bytesOf(lossy);
  new DataView(huge.buffer).setUint16(26, 16383, true);
  new DataView(huge.buffer).setUint16(28, 16383, true);
  test.each([
    ["a header alone", bytesOf(lossy).slice(0, 18), "ends inside its header"],
    ["a file that is cut", bytesOf(lossy).slice(0, 60), "the WebP file is cut short: 60 of 88 bytes"],
    ["an animation", bytesOf(animated), "the WebP file is an animation"],
    [
      "a chunk that is too long",
      bytesOf(lossy.replace("44000000f0", "44ff0000f0")),
      'chunk "VP8 " ends behind the file',
    ],
    ["no image", bytesOf(lossy.replace("56503820", "56503821")), "the WebP file has no image"],
    ["no start code", bytesOf(lossy.replace("9d012a", "9d012b")), "frame header is damaged"],
    ["no signature", bytesOf(lossless.replace("2f0240", "2e0240")), "frame header is damaged"],
    [
      "another canvas",
      bytesOf(lossyAlpha.replace("0f00000f0000", "0e00000f0000")),
      "declares 15 x 16 pixels in one place",
    ],
    ["no columns", bytesOf(lossy.replace("9d012a1000", "9d012a0000")), "declares 0 x 16 pixels"],
    ["more pixels than its bytes can hold", huge, "declares 16383 x 16383 pixels in 88 bytes"],
    ["damaged data", bytesOf(lossless.replace("986db439dc7bfe96", "ffffffffffffffff")), "cannot be decoded"],
  ])("%s is refused", async (_, bytes, fault) => {
    const refusal = decodeImage(bytes, { name: "cat.webp" });
    await expect(refusal).rejects.toThrow(FormatError);
    await expect(refusal).rejects.toThrow("cat.webp: ");
    await expect(refusal).rejects.toThrow(fault);
    expect([...(await decodeImage(bytesOf(lossless))).data]).toEqual(colours);
  });
});

describe("encodeImage", () => {
  test("lossless comes back exactly, under transparency too; lossy nearly, and smaller with less quality", async () => {
    const data = Uint8Array.from({ length: 4 * 40 * 30 }, (_, at) => 128 + 90 * Math.sin(at / 19));
    const image = { data, shape: [4, 40, 30] } as const;
    expect((await decodeImage(await encodeImage(image, { format: "webp", lossless: true }))).data).toEqual(data);
    const grey = { data: data.slice(0, 1200), shape: [1, 40, 30] } as const;
    const [good, poor] = await Promise.all([95, 10].map((quality) => encodeImage(grey, { format: "webp", quality })));
    const found = (await decodeImage(good ?? data, { channels: 1 })).data;
    const deviations = Array.from(found, (value, at) => Math.abs(value - (data[at] ?? 0)));
    const mean = deviations.reduce((sum, value) => sum + value, 0) / 1200;
    expect(mean).toBeLessThan(2.5);
    expect(poor?.length).toBeLessThan(good?.length ?? 0);
  });

  test("nothing is left in globalThis, whatever is decoded at a time", async () => {
    const jpeg = await encodeImage({ data: new Uint8Array(64), shape: [1, 8, 8] }, { format: "jpeg" });
    await Promise.all([
      decodeImage(jpeg),
      decodeImage(bytesOf(lossy)),
      decodeImage(bytesOf(lossless)),
      decodeImage(jpeg),
    ]);
    await decodeImage(bytesOf(lossy).fill(0, 40)).catch(() => undefined);
    expect("ImageData" in globalThis).toBe(false);
  });
});
