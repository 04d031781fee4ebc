// Many small pictures of a dataset on one, with their masks and boxes, framed in the colours of their classes.
import { AttributeError } from "@stria/core";
import { type Canvas, type Image, type Mask, resizeBoxes, resizeImage, resizeMask } from "@stria/augmentation";
import type { Dataset } from "@stria/data";
import { encodeImage } from "@stria/images";
import { type Shown, shownOf } from "./picture-of.ts";

export interface ContactSheetOptions {
  /** How many items, spread over the whole dataset. Default: 64, or all where there are fewer. */
  readonly count?: number;
  /** Which items instead. */
  readonly indices?: readonly number[];
  /** Pictures in a row. Default: 8. */
  readonly columns?: number;
  /** Pixels of a picture's longer side. Default: 96. */
  readonly size?: number;
}

type Colour = readonly [red: number, green: number, blue: number];

/** Colours that are told apart, also by those who see no red or green (Okabe & Ito 2008). */
const colours: readonly Colour[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
];
const paper = 250;
const gap = 6;
const frame = 2;

const colourOf = (label: number): Colour => colours[label % colours.length] ?? [0, 0, 0];

/** RGB planes that are drawn on. */
class Sheet {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.data = new Uint8Array(3 * width * height).fill(paper);
  }

  /** Mixes a colour into a pixel. */
  mix(x: number, y: number, [red, green, blue]: Colour, share: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    for (const [channel, value] of [red, green, blue].entries()) {
      const at = channel * this.width * this.height + y * this.width + x;
      this.data[at] = Math.round((1 - share) * (this.data[at] ?? 0) + share * value);
    }
  }

  /** The outline of a rectangle of whole pixels. */
  outline(left: number, top: number, right: number, bottom: number, colour: Colour): void {
    for (let x = left; x <= right; x++) for (const y of [top, bottom]) this.mix(x, y, colour, 1);
    for (let y = top + 1; y < bottom; y++) for (const x of [left, right]) this.mix(x, y, colour, 1);
  }
}

function drawImage(sheet: Sheet, { values, shape: [channels, height, width] }: Image, left: number, top: number): void {
  const area = height * width;
  for (let at = 0; at < area; at++) {
    const value = (channel: number): number => Math.round(values[channels < 3 ? at : channel * area + at] ?? 0);
    const opacity = channels === 4 ? (values[3 * area + at] ?? 255) / 255 : 1;
    sheet.mix(left + (at % width), top + Math.floor(at / width), [value(0), value(1), value(2)], opacity);
  }
}

function drawMask(sheet: Sheet, { values, shape: [, width] }: Mask, left: number, top: number): void {
  for (const [at, label] of values.entries())
    if (label > 0) sheet.mix(left + (at % width), top + Math.floor(at / width), colourOf(label - 1), 0.45);
}

function draw(sheet: Sheet, { image, mask, boxes, label }: Shown, left: number, top: number, size: number): void {
  if (!image) return;
  const [, height, width] = image.shape;
  const scale = size / Math.max(height, width);
  const canvas: Canvas = {
    height: Math.max(1, Math.round(height * scale)),
    width: Math.max(1, Math.round(width * scale)),
  };
  const [x, y] = [left + ((size - canvas.width) >> 1), top + ((size - canvas.height) >> 1)];
  // Small pictures are shown by their pixels, large ones smoothly.
  drawImage(sheet, resizeImage(image, canvas, { interpolation: scale > 1 ? "nearest" : "bilinear" }), x, y);
  if (mask) drawMask(sheet, resizeMask(mask, canvas), x, y);
  if (boxes) {
    const { values } = resizeBoxes(boxes, canvas, { height, width });
    for (const [index, kind] of boxes.labels.entries()) {
      const [l = 0, t = 0, r = 0, b = 0] = values.subarray(4 * index, 4 * index + 4).map(Math.round);
      sheet.outline(x + l, y + t, x + Math.max(l, r - 1), y + Math.max(t, b - 1), colourOf(kind));
    }
  }
  if (label === undefined) return;
  for (let width1 = 1; width1 <= frame; width1++)
    sheet.outline(left - width1, top - width1, left + size + width1 - 1, top + size + width1 - 1, colourOf(label));
}

/** A cross, for an item that cannot be read. */
function cross(sheet: Sheet, left: number, top: number, size: number): void {
  for (let at = 0; at < size; at++) {
    sheet.mix(left + at, top + at, [200, 30, 30], 1);
    sheet.mix(left + at, top + size - 1 - at, [200, 30, 30], 1);
  }
}

/**
 * A PNG file with pictures of a dataset's items: class 0 is framed orange, 1 light blue, 2 green, 3 yellow, 4 blue, 5 red, 6 pink, and again from the first; boxes have the colours of their classes, masks
 * (class 0 left out) those of theirs from class 1 on. What cannot be read is a red cross.
 * @throws AttributeError for a dataset without items or without images, and for sizes that are no whole numbers above 0
 */
export async function contactSheet(
  dataset: Dataset<object>,
  { count = 64, indices, columns = 8, size = 96 }: ContactSheetOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  for (const [name, value] of Object.entries({ count, columns, size }))
    if (!Number.isInteger(value) || value < 1)
      throw new AttributeError("contactSheet", `${name} is ${value}`, "use a whole number above 0");
  const most = Math.min(count, dataset.length);
  const chosen = indices ?? Array.from({ length: most }, (_, at) => Math.floor((at * dataset.length) / most));
  if (chosen.length === 0)
    throw new AttributeError("contactSheet", "there are no items", "pass a dataset that has some");
  const across = Math.min(columns, chosen.length);
  const step = size + gap;
  const sheet = new Sheet(across * step + gap, Math.ceil(chosen.length / across) * step + gap);
  let drawn = 0;
  for (const [at, index] of chosen.entries()) {
    const [left, top] = [gap + (at % across) * step, gap + Math.floor(at / across) * step];
    try {
      const shown = await shownOf(dataset, index);
      if (shown.image) drawn++;
      draw(sheet, shown, left, top, size);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      drawn++;
      cross(sheet, left, top, size);
    }
  }
  if (drawn === 0) throw new AttributeError("contactSheet", "the items have no images", "pass a dataset of images");
  return encodeImage({ data: sheet.data, shape: [3, sheet.height, sheet.width] }, { format: "png" });
}
