// Small files made on the spot.
import { encodeImage } from "@stria/images";
import { type FileSource, memoryFiles } from "@stria/datasets";

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A PNG of grey, one row after the other. */
export async function greyPng(rows: readonly (readonly number[])[]): Promise<Uint8Array<ArrayBuffer>> {
  return encodeImage(
    { data: Uint8Array.from(rows.flat()), shape: [1, rows.length, rows[0]?.length ?? 0] },
    { format: "png" },
  );
}

/** A picture that is not like another one of another number. */
export async function wavePng(
  number: number,
  height: number = 24,
  width: number = 32,
): Promise<Uint8Array<ArrayBuffer>> {
  const data = Uint8Array.from({ length: 3 * height * width }, (_, at) => {
    const [plane, y, x] = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
    const angle = number * 1.7 + plane;
    const along = ((x + 0.5) / width) * Math.cos(angle) + ((y + 0.5) / height) * Math.sin(angle);
    return 128 + 100 * Math.sin((3 + number) * along + 2 * number);
  });
  return encodeImage({ data, shape: [3, height, width] }, { format: "png" });
}

/** Files in memory. */
export function files(entries: Readonly<Record<string, Uint8Array<ArrayBuffer> | string>>): FileSource {
  return memoryFiles(
    "set",
    new Map(
      Object.entries(entries).map(([path, content]) => [
        path,
        typeof content === "string" ? bytesOf(content) : content,
      ]),
    ),
  );
}

/** A tar archive (ustar); `size` may lie about the first file. */
export function tarOf(
  members: readonly (readonly [path: string, content: Uint8Array | string, type?: string])[],
  size?: number,
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const [number, [path, content, type = "0"]] of members.entries()) {
    const bytes = typeof content === "string" ? bytesOf(content) : content;
    const header = new Uint8Array(512);
    const put = (text: string, at: number): void => header.set(bytesOf(text), at);
    put(path, 0);
    put((number === 0 && size !== undefined ? size : bytes.length).toString(8).padStart(11, "0"), 124);
    put("        ", 148);
    put(type, 156);
    put("ustar\u000000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    parts.push(header, bytes, new Uint8Array((512 - (bytes.length % 512)) % 512));
  }
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 1024));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** All that comes. */
export async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
