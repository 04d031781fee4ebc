// In Chromium: the browser's own codec and decompressor, on the files of Pillow that Node's are held to.
import { describe, expect, test } from "vitest";
import { commands } from "vitest/browser";
import { FormatError } from "@stria/core";
import { decodeSafetensors } from "@stria/core/safetensors";
import { decodeImage, encodeImage } from "@stria/images";
import { lossless, lossy, turned } from "./webp-files.ts";

interface About {
  readonly file: string;
  readonly kind: string;
  readonly expect?: string;
  readonly shape?: readonly number[];
  readonly atol?: number;
  readonly meanAtol?: number;
  readonly replicated?: { readonly atol: number; readonly meanAtol: number };
}

const folder = "tests/golden/formats/";

async function bytesOf(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const base64 = await commands.readFile(folder + file, "base64");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

async function imagesOf(list: string): Promise<About[]> {
  const { files } = JSON.parse(new TextDecoder().decode(await bytesOf(list))) as { files: About[] };
  return files.filter(({ kind }) => kind === "png" || kind === "jpeg");
}

describe("in a browser", () => {
  test("every PNG is decoded to Pillow's pixels, every JPEG nearly", async () => {
    const golden = decodeSafetensors(await bytesOf("pictures.expected.safetensors")).tensors;
    const images = await imagesOf("formats.json");
    expect(images).toHaveLength(30);
    const found: unknown[] = [];
    for (const { file, atol = 0, meanAtol = 0, replicated } of images) {
      const { data, shape } = await decodeImage(await bytesOf(file), { name: file, orientation: "stored" });
      const expected = golden.get(file);
      const deviations = Array.from(data, (value, at) => Math.abs(value - (expected?.data[at] ?? Number.NaN)));
      const mean = deviations.reduce((sum, deviation) => sum + deviation, 0) / deviations.length;
      found.push([
        file,
        shape,
        Math.max(...deviations) <= (replicated?.atol ?? atol),
        mean <= (replicated?.meanAtol ?? meanAtol),
      ]);
    }
    expect(found).toEqual(images.map(({ file, shape }) => [file, shape, true, true]));
  });

  test("no hostile file is read that must be refused", async () => {
    const images = await imagesOf("hostile.json");
    expect(images).toHaveLength(38);
    const harmed: string[] = [];
    for (const about of images) {
      const bytes = await bytesOf(about.file);
      const result = await decodeImage(bytes, { name: about.file }).catch((error: unknown) => error);
      const isRefused = result instanceof FormatError && result.message.includes(about.file);
      const isAnImage = typeof result === "object" && result !== null && "shape" in result;
      if (!isRefused && !(isAnImage && about.expect === "survive")) harmed.push(about.file);
    }
    expect(harmed).toEqual([]);
  });

  test("WebP: lossless exactly, lossy as libwebp decodes it, and never turned by the browser", async () => {
    const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
    const colours = [255, 0, 0, 10, 40, 70, 0, 255, 0, 20, 50, 80, 0, 0, 255, 30, 60, 90];
    for (const file of [lossless, turned])
      expect([...(await decodeImage(bytes(file), { orientation: "stored" })).data]).toEqual(colours);
    expect((await decodeImage(bytes(turned))).shape).toEqual([3, 3, 2]);
    expect((await decodeImage(bytes(lossy))).shape).toEqual([3, 16, 16]);
    await expect(decodeImage(bytes(lossy).slice(0, 60), { name: "a.webp" })).rejects.toThrow(
      "a.webp: the WebP file is cut",
    );
    const grey = new Uint8Array(256).fill(90);
    const webp = await encodeImage({ data: grey, shape: [1, 16, 16] }, { format: "webp" });
    expect((await decodeImage(webp)).data.every((value) => Math.abs(value - 90) <= 2)).toBe(true);
    await expect(encodeImage({ data: grey, shape: [1, 16, 16] }, { format: "webp", lossless: true })).rejects.toThrow(
      "webp: a browser's codec cannot be told to lose nothing",
    );
  });

  test("what is encoded comes back", async () => {
    const data = Uint8Array.from({ length: 3 * 16 * 16 }, (_, at) => (at * 5) % 251);
    const png = await encodeImage({ data, shape: [3, 16, 16] }, { format: "png" });
    expect((await decodeImage(png)).data).toEqual(data);
    const grey = new Uint8Array(256).fill(90);
    const jpeg = await encodeImage({ data: grey, shape: [1, 16, 16] }, { format: "jpeg" });
    const { data: found, shape } = await decodeImage(jpeg, { channels: 1 });
    expect(shape).toEqual([1, 16, 16]);
    expect(found.every((value) => Math.abs(value - 90) <= 1)).toBe(true);
  });
});
