// The browser's own codec, where there is one: with no colour conversion.
import type { Pixels } from "../image.ts";

/** Whether the browser decodes images here. */
export function hasBrowserCodec(): boolean {
  return typeof createImageBitmap === "function" && typeof OffscreenCanvas === "function";
}

function contextOf(width: number, height: number): [OffscreenCanvas, OffscreenCanvasRenderingContext2D] {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("the browser gives no canvas");
  return [canvas, context];
}

/** RGBA of an image file, turned as its EXIF data say; colours of transparent pixels are as a canvas keeps them. @throws DOMException when the browser does not decode it */
export async function decodeInBrowser(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<Pixels> {
  const bitmap = await createImageBitmap(new Blob([bytes], { type }), {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
  });
  try {
    const { width, height } = bitmap;
    const [, context] = contextOf(width, height);
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    return { data: new Uint8Array(data.buffer), width, height, channels: 3, stride: 4 };
  } finally {
    bitmap.close();
  }
}

/** A file of RGBA pixels; quality from 1 to 100. */
export async function encodeInBrowser(
  image: ImageData,
  type: string,
  quality: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const [canvas, context] = contextOf(image.width, image.height);
  context.putImageData(image, 0, 0);
  const blob = await canvas.convertToBlob({ type, quality: quality / 100 });
  return new Uint8Array(await blob.arrayBuffer());
}
