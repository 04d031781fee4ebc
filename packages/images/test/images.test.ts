// Files by Pillow 13.0.0 and by hand; more of them, and hostile ones, are tests/golden/formats.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { AttributeError, DTypeError, FormatError, ShapeError } from "@stria/core";
import { describe, expect, test } from "vitest";
import { type DecodedImage, decodeImage, encodeImage, type EncodedFormat, imageSize } from "@stria/images";

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(hex, "hex"));
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Red, green, blue; below them dark, middle and light. */
const colours = [255, 0, 0, 10, 40, 70, 0, 255, 0, 20, 50, 80, 0, 0, 255, 30, 60, 90];
const bmp24 =
  "424d4e0000000000000036000000280000000300000002000000010018000000000018000000c40e0000c40e0000000000000000" +
  "00001e140a3c32285a50460000000000ff00ff00ff0000000000";
const bmp8 =
  "424d56000000000000004e000000280000000300000002000000010008000000000008000000c40e0000c40e0000060000000600" +
  "000000ff00005a5046003c3228001e140a000000ff00ff0000000302010004000500";
const bmp1 =
  "424d46000000000000003e000000280000000300000002000000010001000000000008000000c40e0000c40e0000020000000200" +
  "000000000000ffffff000000000040000000";
const bmp32 =
  "424d4e0000000000000036000000280000000300000002000000010020000000000018000000c40e0000c40e0000000000000000" +
  "00001e140aff3c3228ff5a5046ff0000ffff00ff00ffff0000ff";

const gif = "47494638376103000200810000ff000000ff000000ff0908072c0000000003000200000809000104103040408080003b";
const clearGif =
  "47494638396103000200810000ff000000ff000000ff09080721f90401000001002c00000000030002000008090001041030404080" +
  "80003b";

/** A wave in every plane: something that compresses, and is not flat. */
function picture(channels: number, height: number, width: number, wide = false): Pick<DecodedImage, "data" | "shape"> {
  const values = Array.from({ length: channels * height * width }, (_, at) => {
    const [plane, row, column] = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
    return 0.5 + 0.4 * Math.sin(row / 5 + plane) * Math.cos(column / 7);
  });
  const data = wide
    ? Uint16Array.from(values, (value) => value * 65535)
    : Uint8Array.from(values, (value) => value * 255);
  return { data, shape: [channels, height, width] };
}

describe("decodeImage", () => {
  test.each([
    ["24 bits", bmp24],
    ["32 bits", bmp32],
  ])("BMP of %s", async (_, hex) => {
    const { data, shape, format } = await decodeImage(bytesOf(hex));
    expect([[...data], shape, format]).toEqual([colours, [3, 2, 3], "bmp"]);
  });

  test("BMP with a palette of 8 bits and of one", async () => {
    const { data } = await decodeImage(bytesOf(bmp8));
    expect([...data]).toEqual([255, 0, 0, 10, 40, 70, 0, 255, 0, 20, 50, 80, 0, 0, 255, 30, 60, 90]);
    expect([...(await decodeImage(bytesOf(bmp1), { channels: 1 })).data]).toEqual([0, 255, 0, 0, 0, 0]);
  });

  test("GIF, with a colour that is not drawn, and interlaced with more codes than the table has room for", async () => {
    const plain = await decodeImage(bytesOf(gif));
    expect([[...plain.data], plain.shape, plain.format]).toEqual([
      [255, 0, 0, 9, 0, 0, 0, 255, 0, 8, 0, 255, 0, 0, 255, 7, 255, 0],
      [3, 2, 3],
      "gif",
    ]);
    const clear = await decodeImage(bytesOf(clearGif));
    expect([clear.shape, [...clear.data.subarray(18)]]).toEqual([
      [4, 2, 3],
      [255, 0, 255, 255, 255, 0],
    ]);
    const file = new Uint8Array(readFileSync(new URL("files/interlaced.gif", import.meta.url)));
    const { data, shape } = await decodeImage(file);
    expect(shape).toEqual([3, 67, 101]);
    expect(createHash("sha256").update(data).digest("hex")).toBe(
      "16e7045d695ffb09831a64a6a64a0009a3d11f455669f5b1f4b75c398562adaf", // of Pillow's
    );
  });

  test("PGM and PPM as text and as bytes, with comments, scaled to the type's range", async () => {
    const grey = await decodeImage(text("P2 # a comment\n3 1\n4\n0 1 4\n"));
    expect([[...grey.data], grey.shape, grey.format]).toEqual([[0, 64, 255], [1, 1, 3], "pnm"]);
    const colour = await decodeImage(text("P6\n2 1 255\nabcdef"));
    expect([[...colour.data], colour.shape]).toEqual([
      [97, 100, 98, 101, 99, 102],
      [3, 1, 2],
    ]);
    const wide = await decodeImage(text("P5 1 1 1000 \x01\x02"));
    expect(wide.data).toEqual(Uint16Array.of(Math.round((258 * 65535) / 1000)));
  });

  test("channels: grey is BT.601's luma as Pillow computes it, colour repeats grey, alpha is opaque or dropped", async () => {
    const grey = await decodeImage(bytesOf(bmp24), { channels: 1 });
    expect([...grey.data]).toEqual([0x4c, 0x96, 0x1d, 0x12, 0x30, 0x4e]);
    const colour = await decodeImage(text("P2 2 1 255 7 9"), { channels: 4 });
    expect([[...colour.data], colour.shape]).toEqual([
      [7, 9, 7, 9, 7, 9, 255, 255],
      [4, 1, 2],
    ]);
    const clear = await encodeImage({ data: Uint8Array.of(200, 3), shape: [2, 1, 1] }, { format: "png" });
    expect([...(await decodeImage(clear)).data]).toEqual([200, 3]);
    expect([...(await decodeImage(clear, { channels: 3 })).data]).toEqual([200, 200, 200]);
    expect([...(await decodeImage(clear, { channels: 4 })).data]).toEqual([200, 200, 200, 3]);
  });

  test.each([
    [1, [1, 2, 3, 4, 5, 6]],
    [2, [3, 2, 1, 6, 5, 4]],
    [3, [6, 5, 4, 3, 2, 1]],
    [4, [4, 5, 6, 1, 2, 3]],
    [5, [1, 4, 2, 5, 3, 6]],
    [6, [4, 1, 5, 2, 6, 3]],
    [7, [6, 3, 5, 2, 4, 1]],
    [8, [3, 6, 2, 5, 1, 4]],
  ])("EXIF orientation %i turns as Pillow's exif_transpose does", async (orientation, upright) => {
    const png = await encodeImage({ data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [1, 2, 3] }, { format: "png" });
    const exif = `4d4d002a0000000800010112000300000001000${orientation}000000000000`;
    const turned = new Uint8Array([...png.subarray(0, 33), ...chunk("eXIf", bytesOf(exif)), ...png.subarray(33)]);
    const found = await decodeImage(turned);
    const shape = orientation > 4 ? [1, 3, 2] : [1, 2, 3];
    expect([[...found.data], found.shape, found.orientation]).toEqual([upright, shape, orientation]);
    const { width, height } = imageSize(turned);
    expect([1, height, width]).toEqual(shape);
    expect([...(await decodeImage(turned, { orientation: "stored" })).data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("a key of transparency becomes alpha", async () => {
    const png = await encodeImage({ data: Uint8Array.of(5, 6), shape: [1, 1, 2] }, { format: "png" });
    const keyed = new Uint8Array([...png.subarray(0, 33), ...chunk("tRNS", Uint8Array.of(0, 6)), ...png.subarray(33)]);
    const { data, shape } = await decodeImage(keyed);
    expect([[...data], shape]).toEqual([
      [5, 6, 255, 0],
      [2, 1, 2],
    ]);
  });
});

/** A chunk of PNG with the checksum that zlib computes. */
function chunk(type: string, content: Uint8Array): Uint8Array {
  const body = Buffer.concat([text(type), content]);
  const ends = new Uint8Array(8);
  new DataView(ends.buffer).setUint32(0, content.length);
  new DataView(ends.buffer).setUint32(4, process.getBuiltinModule("node:zlib").crc32(body));
  return new Uint8Array([...ends.subarray(0, 4), ...body, ...ends.subarray(4)]);
}

describe("encodeImage", () => {
  const exact: readonly (readonly [EncodedFormat, number, boolean])[] = [
    ["png", 1, false],
    ["png", 2, false],
    ["png", 3, false],
    ["png", 4, false],
    ["png", 1, true],
    ["png", 4, true],
    ["pnm", 1, false],
    ["pnm", 3, true],
    ["bmp", 3, false],
  ];
  test.each(exact)("%s of %i channels, 16 bits: %s, comes back exactly", async (format, channels, wide) => {
    const image = picture(channels, 29, 37, wide);
    const file = await encodeImage(image, { format });
    expect(await decodeImage(file)).toEqual({ ...image, format, orientation: 1 });
    expect(imageSize(file)).toMatchObject({ format, width: 37, height: 29, channels });
  });

  test("JPEG comes back nearly, nearer with more quality, smaller with less", async () => {
    const image = picture(3, 29, 37);
    const [good, poor] = await Promise.all([
      encodeImage(image, { format: "jpeg", quality: 95 }),
      encodeImage(image, { format: "jpeg", quality: 20 }),
    ]);
    const deviation = async (file: Uint8Array): Promise<number> => {
      const { data } = await decodeImage(file);
      const deviations = Array.from(data, (value, at) => Math.abs(value - (image.data[at] ?? 0)));
      return deviations.reduce((sum, one) => sum + one, 0) / data.length;
    };
    expect(poor.length).toBeLessThan(good.length);
    const [ofGood, ofPoor] = [await deviation(good), await deviation(poor)];
    expect(ofGood).toBeLessThan(3);
    expect(ofGood).toBeLessThan(ofPoor);
  });

  test("refuses pixels that the format does not have", async () => {
    const image = picture(4, 2, 2);
    await expect(encodeImage(image, { format: "jpeg" })).rejects.toThrow(ShapeError);
    await expect(encodeImage(image, { format: "jpeg" })).rejects.toThrow("jpeg files do not have 4 channels");
    await expect(encodeImage(picture(3, 2, 2, true), { format: "bmp" })).rejects.toThrow(DTypeError);
    await expect(encodeImage({ ...image, shape: [4, 2, 3] }, { format: "png" })).rejects.toThrow("of 16 samples");
    await expect(encodeImage(image, { format: "png", quality: 0 })).rejects.toThrow("quality is 0");
    const other: string = "gif";
    await expect(encodeImage(image, { format: other as EncodedFormat })).rejects.toThrow('format is "gif"');
  });
});

describe("bad input", () => {
  const refusals: readonly (readonly [string, Uint8Array, string])[] = [
    ["nothing", new Uint8Array(0), "it is empty"],
    ["text", text("<html>"), "it begins with the bytes 3c 68 74 6d"],
    ["a BMP header alone", bytesOf(bmp24).subarray(0, 40), "the BMP file ends inside its header"],
    ["a BMP without its last row", bytesOf(bmp24).subarray(0, 70), "its pixels end at byte 78"],
    ["a GIF without its last bytes", bytesOf(gif).subarray(0, 40), "the GIF file is cut short"],
    ["a GIF with too few codes", bytesOf(gif.replace("09000104103040408080", "0300010400")), "of 6 pixels"],
    ["a GIF whose frame leaves the canvas", bytesOf(gif.replace("2c00000000", "2c01000000")), "is not on its canvas"],
    ["a PGM that is cut", text("P5 4 4 255 abc"), "has 3 bytes of samples, and needs 16"],
    ["a PGM with a sample beyond its greatest", text("P2 1 1 4 5"), "a sample of the PNM file is 5"],
    ["a PGM of no pixels", text("P2 0 1 4 5"), "declares 0 x 1 pixels"],
    ["a JPEG that ends at once", bytesOf("ffd8ffd90000"), "the JPEG"],
  ];
  test.each(refusals)("%s", async (_, bytes, fault) => {
    const refusal = decodeImage(bytes, { name: "cat.png" });
    await expect(refusal).rejects.toThrow(FormatError);
    await expect(refusal).rejects.toThrow("cat.png: ");
    await expect(refusal).rejects.toThrow(fault);
  });

  test("more pixels than the limit, before memory is taken", async () => {
    const huge = text("P5 60000 60000 255 abc");
    await expect(decodeImage(huge)).rejects.toThrow("60000 x 60000 pixels, more than the limit of 100000000");
    const file = bytesOf(bmp24);
    await expect(decodeImage(file, { limit: 5 })).rejects.toThrow("raise the option limit");
    expect((await decodeImage(file, { limit: 6 })).shape).toEqual([3, 2, 3]);
  });

  test("options that do not exist", async () => {
    const file = bytesOf(bmp24);
    const two: number = 2;
    await expect(decodeImage(file, { channels: two as 1 })).rejects.toThrow(AttributeError);
    await expect(decodeImage(file, { limit: Number.NaN })).rejects.toThrow("limit is NaN");
    const word: string = "up";
    await expect(decodeImage(file, { orientation: word as "upright" })).rejects.toThrow('orientation is "up"');
  });

  test("a JPEG that is refused does not harm the next ones, nor those decoded beside it", async () => {
    const image = picture(3, 32, 32);
    const good = await encodeImage(image, { format: "jpeg" });
    const bad = good.slice();
    const scan = bad.findIndex((byte, at) => byte === 0xff && bad[at + 1] === 0xda);
    bad[scan + 6] = 0x33; // Huffman tables that the file does not have
    const whole = await decodeImage(good);
    const results = await Promise.allSettled([decodeImage(good), decodeImage(bad), decodeImage(good)]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    await expect(decodeImage(bad, { name: "cat.jpg" })).rejects.toThrow(
      "cat.jpg: the JPEG file cannot be decoded: Huffman table 0x03 was not defined",
    );
    expect(await decodeImage(good)).toEqual(whole);
  });
});
