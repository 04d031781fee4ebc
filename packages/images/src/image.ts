// What an image is, inside its file and out of it.

/** A kind of image file, told by its first bytes. */
export type ImageFormat = "png" | "jpeg" | "webp" | "gif" | "bmp" | "pnm";

/** How the pixels of a file must be turned to stand upright, as EXIF numbers it: 1 not at all, 6 by a quarter clockwise. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Pixels of a file, one plane a channel. */
export interface DecodedImage {
  /** 0 to 255, or 0 to 65535 of files with more than 8 bits a sample. */
  readonly data: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
  /** Of `data`, in pixels; channels are grey, grey and alpha, RGB, or RGBA with alpha not multiplied in. */
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly format: ImageFormat;
  /** What the file says, whether it was applied or not. */
  readonly orientation: Orientation;
}

/** What a file declares before its pixels. */
export interface Header {
  readonly format: ImageFormat;
  /** Of the stored pixels. */
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Bits of a sample in the file. */
  readonly bits: number;
  readonly orientation: Orientation;
}

/** Pixels in the order of the file: all channels of one, then of the next. */
export interface Pixels {
  readonly data: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Samples from one pixel to the next; more than `channels` where a decoder always gives four. */
  readonly stride: number;
}
