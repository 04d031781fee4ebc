// Images by sharp, where its native part is installed, beside those of this library.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FormatError } from "@stria/core";
import { decodeImage, type Sharp, sharpDecoder } from "@stria/images";
import { describe, expect, test } from "vitest";
import { asList, asObject, asText, parseJson } from "../src/golden/json.ts";
import { ownGoldens } from "../src/setting.ts";

const folder = join(ownGoldens, "formats");
const bytesOf = (file: string) => new Uint8Array(readFileSync(join(folder, file)));
const filesOf = (list: string) =>
  asList(asObject(parseJson(readFileSync(join(folder, list), "utf8"), list), list)["files"], list)
    .map((entry) => asObject(entry, list))
    .filter(({ kind }) => kind === "png" || kind === "jpeg")
    .map((about) => asText(about["file"], "file"));

const sharp = await import("sharp").then(
  (module): Sharp => module.default,
  (): undefined => undefined,
);

describe.skipIf(!sharp)(`sharp${sharp ? "" : ", left out: it is not installed for this platform"}`, () => {
  const decode = sharp ? sharpDecoder(sharp) : decodeImage;

  test("decodes PNG to the same pixels, JPEG to nearly the same, turned alike", async () => {
    const files = filesOf("formats.json");
    expect(files.length).toBeGreaterThan(25);
    for (const file of files) {
      const [found, wanted] = [await decode(bytesOf(file), { name: file }), await decodeImage(bytesOf(file))];
      expect([file, found.shape, found.orientation]).toEqual([file, wanted.shape, wanted.orientation]);
      const most = Array.from(found.data, (value, at) => Math.abs(value - (wanted.data[at] ?? Number.NaN)));
      expect(Math.max(...most)).toBeLessThanOrEqual(file.endsWith(".png") ? 0 : 4);
    }
  });

  test("refuses by name what is damaged or too large", async () => {
    for (const file of [
      "hostile/cut-60.jpg.bin",
      "hostile/cut-scan.jpg.bin",
      "hostile/zlib.png.bin",
      "hostile/crc.png.bin",
    ]) {
      await expect(decode(bytesOf(file), { name: file })).rejects.toThrow(FormatError);
      await expect(decode(bytesOf(file), { name: file })).rejects.toThrow(`${file}: `);
    }
    await expect(decode(bytesOf("rgb8.png"), { limit: 9 })).rejects.toThrow("more than the limit of 9");
  });
});
