// CIFAR's binary version (https://www.cs.toronto.edu/~kriz/cifar.html): records of label bytes and 32x32 pixels in R, G and B planes.
import { FormatError } from "@stria/core";

export interface LabelledPixels {
  /** Row-major `[count, 3, 32, 32]`, 0 to 255. */
  readonly pixels: Uint8Array;
  /** `[count]`: of CIFAR-10, 0 to 9; of CIFAR-100 the fine ones, 0 to 99. */
  readonly labels: Uint8Array;
}

/** CIFAR-100's images, with both their labels. */
export interface TwiceLabelledPixels extends LabelledPixels {
  /** `[count]`, 0 to 19. */
  readonly coarseLabels: Uint8Array;
}

const pixelBytes = 3 * 32 * 32;

/** Pixels, and the labels before them, of as many kinds as `classes` has. */
function readRecords(
  bytes: Uint8Array,
  name: string,
  version: string,
  classes: readonly number[],
): { readonly pixels: Uint8Array; readonly labels: readonly Uint8Array[] } {
  const recordBytes = classes.length + pixelBytes;
  const count = bytes.length / recordBytes;
  const again = `the file is damaged or not ${version}'s binary version; delete it and get it again`;
  if (count === 0 || !Number.isInteger(count))
    throw new FormatError(
      name,
      `${bytes.length} bytes are not a whole number of records of ${recordBytes} bytes`,
      again,
    );
  const pixels = new Uint8Array(count * pixelBytes);
  const labels = classes.map(() => new Uint8Array(count));
  for (let record = 0; record < count; record++) {
    const start = record * recordBytes;
    for (const [kind, most] of classes.entries()) {
      const label = bytes[start + kind] ?? 255;
      if (label >= most) throw new FormatError(name, `record ${record} has the label ${label}`, again);
      labels[kind]?.set([label], record);
    }
    pixels.set(bytes.subarray(start + classes.length, start + recordBytes), record * pixelBytes);
  }
  return { pixels, labels };
}

/**
 * Reads one file of CIFAR-10's binary version, of any number of records.
 * @param name what to call the file in errors
 * @throws FormatError when it is empty, ends within a record, or has a label above 9
 */
export function readCifar10(bytes: Uint8Array, name: string): LabelledPixels {
  const { pixels, labels } = readRecords(bytes, name, "CIFAR-10", [10]);
  return { pixels, labels: labels[0] ?? new Uint8Array(0) };
}

/**
 * Reads one file of CIFAR-100's binary version, of any number of records: a coarse label, a fine one, and the pixels.
 * @param name what to call the file in errors
 * @throws FormatError when it is empty, ends within a record, or has a coarse label above 19 or a fine one above 99
 */
export function readCifar100(bytes: Uint8Array, name: string): TwiceLabelledPixels {
  const { pixels, labels } = readRecords(bytes, name, "CIFAR-100", [20, 100]);
  return { pixels, labels: labels[1] ?? new Uint8Array(0), coarseLabels: labels[0] ?? new Uint8Array(0) };
}
