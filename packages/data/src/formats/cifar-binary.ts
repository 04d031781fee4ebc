// CIFAR-10's binary version (https://www.cs.toronto.edu/~kriz/cifar.html): records of a label byte and 32x32 pixels in R, G and B planes.
import { FormatError } from "@stria/core";

export interface LabelledPixels {
  /** Row-major `[count, 3, 32, 32]`, 0 to 255. */
  readonly pixels: Uint8Array;
  /** `[count]`, 0 to 9. */
  readonly labels: Uint8Array;
}

const pixelBytes = 3 * 32 * 32;
const recordBytes = 1 + pixelBytes;

/**
 * Reads one file of CIFAR-10's binary version, of any number of records.
 * @param name what to call the file in errors
 * @throws FormatError when it is empty, ends within a record, or has a label above 9
 */
export function readCifar10(bytes: Uint8Array, name: string): LabelledPixels {
  const count = bytes.length / recordBytes;
  const again = "the file is damaged or not CIFAR-10's binary version; delete it and get it again";
  if (count === 0 || !Number.isInteger(count))
    throw new FormatError(
      name,
      `${bytes.length} bytes are not a whole number of records of ${recordBytes} bytes`,
      again,
    );
  const pixels = new Uint8Array(count * pixelBytes);
  const labels = new Uint8Array(count);
  for (let record = 0; record < count; record++) {
    const start = record * recordBytes;
    const label = bytes[start] ?? 255;
    if (label > 9) throw new FormatError(name, `record ${record} has the label ${label}`, again);
    labels[record] = label;
    pixels.set(bytes.subarray(start + 1, start + recordBytes), record * pixelBytes);
  }
  return { pixels, labels };
}
