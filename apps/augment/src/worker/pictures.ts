// Pictures of files as images and masks.
import { type Canvas, type Image, type Mask, image, mask, resizeImage, resizeMask } from "@stria/augmentation";
import { Refusal } from "./refusal.ts";

/** Larger pictures are refused before their pixels are read. */
const mostPixels = 40_000_000;
/** The longest side that is worked on, so that a slider moves the picture at once. */
const longest = 320;
/** Colours that a mask may have. */
const mostClasses = 64;

function bytesOf(picture: ImageBitmap, name: string): Uint8ClampedArray {
  const { width, height } = picture;
  if (width * height > mostPixels) throw new Refusal(`${name} is ${width} × ${height}: more than this page reads.`);
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Refusal("This browser draws on no canvas in a worker.");
  context.drawImage(picture, 0, 0);
  picture.close();
  return context.getImageData(0, 0, width, height).data;
}

/** The size that is worked on. */
function fitted({ height, width }: Canvas): Canvas {
  const scale = Math.min(1, longest / Math.max(height, width));
  return { height: Math.max(1, Math.round(height * scale)), width: Math.max(1, Math.round(width * scale)) };
}

/** A picture's colours, scaled to what is worked on; what is transparent is on black. */
export function imageOf(picture: ImageBitmap, name: string): Image<Uint8Array> {
  const { width, height } = picture;
  const bytes = bytesOf(picture, name);
  const size = width * height;
  const values = new Uint8Array(3 * size);
  for (let pixel = 0; pixel < size; pixel++) {
    const opaque = (bytes[4 * pixel + 3] ?? 255) / 255;
    for (let colour = 0; colour < 3; colour++)
      values[colour * size + pixel] = Math.round((bytes[4 * pixel + colour] ?? 0) * opaque);
  }
  const whole = image(values, [3, height, width]);
  const canvas = fitted({ height, width });
  return canvas.height === height && canvas.width === width ? whole : resizeImage(whole, canvas);
}

/** Each colour of a picture as a class, the darkest 0, scaled to `canvas`. @throws Refusal for too many colours. */
export function maskOf(picture: ImageBitmap, name: string, canvas: Canvas): Mask<Uint8Array> {
  const { width, height } = picture;
  const bytes = bytesOf(picture, name);
  const colours = Int32Array.from({ length: width * height }, (_, pixel) => {
    const [red = 0, green = 0, blue = 0] = bytes.subarray(4 * pixel, 4 * pixel + 3);
    return (red << 16) | (green << 8) | blue;
  });
  const found = [...new Set(colours)];
  if (found.length > mostClasses)
    throw new Refusal(
      `${name} has ${found.length} colours, which is no mask: it has one colour for each class, at most ${mostClasses}. Save it without compression of colours (PNG).`,
    );
  const brightness = (colour: number): number => (colour >> 16) + ((colour >> 8) & 255) + (colour & 255);
  const classes = new Map(found.toSorted((a, b) => brightness(a) - brightness(b)).map((colour, at) => [colour, at]));
  const whole = mask(
    Uint8Array.from(colours, (colour) => classes.get(colour) ?? 0),
    [height, width],
  );
  return canvas.height === height && canvas.width === width ? whole : resizeMask(whole, canvas);
}
