// The errors of image files: each names the file and what is wrong with it.
import { FormatError } from "@stria/core";

/** The error of a file that is damaged, cut short, or no image. */
export function broken(name: string, fault: string, options?: ErrorOptions): FormatError {
  return new FormatError(name, fault, "get the file again, or leave it out", options);
}

/** The error of an image file of a kind that is not read. */
export function unread(name: string, fault: string): FormatError {
  return new FormatError(name, fault, "save the image as PNG of 8 or 16 bits, or as baseline or progressive JPEG");
}
