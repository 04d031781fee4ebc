// In Chromium: the browser's own codec and decompressor, on the files of Pillow that Node's are held to.
import { describe, expect, test } from "vitest";
import { FormatError } from "@stria/core";
import { decodeSafetensors } from "@stria/core/safetensors";
import { decodeImage, encodeImage } from "@stria/images";

interface About {
  readonly file: string;
  readonly kind: string;
  readonly expect?: string;
  readonly shape?: readonly number[];
  readonly atol?: number;
  readonly meanAtol?: number;
  readonly replicated?: { readonly atol: number; readonly meanAtol: number };
}

const folder = new URL("../../../tests/golden/formats/", import.meta.url);

async function bytesOf(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(file, folder));
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
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
    for (const { file, atol = 0, meanAtol = 0, replicated } of images) {
      const { data, shape } = await decodeImage(await bytesOf(file), { name: file, orientation: "stored" });
      const expected = golden.get(file);
      expect(shape, file).toEqual(expected?.shape);
      const deviations = Array.from(data, (value, at) => Math.abs(value - (expected?.data[at] ?? Number.NaN)));
      expect(Math.max(...deviations), file).toBeLessThanOrEqual(replicated?.atol ?? atol);
      const mean = deviations.reduce((sum, deviation) => sum + deviation, 0) / deviations.length;
      expect(mean, file).toBeLessThanOrEqual(replicated?.meanAtol ?? meanAtol);
    }
  });

  test("no hostile file is read that must be refused", async () => {
    const images = await imagesOf("hostile.json");
    expect(images).toHaveLength(38);
    for (const about of images) {
      const bytes = await bytesOf(about.file);
      const result = await decodeImage(bytes, { name: about.file }).catch((error: unknown) => error);
      if (result instanceof Error) {
        expect(result, about.file).toBeInstanceOf(FormatError);
        expect(result.message).toContain(about.file);
      } else expect(about.expect, `${about.file} is read`).toBe("survive");
    }
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
