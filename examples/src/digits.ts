// Handwritten digits for the examples: MNIST, or drawn ones where it cannot be had.
import { DownloadError, type ImageDataset, digits, mnist } from "@stria/data";
import { say } from "./setting.ts";

export interface Digits {
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

/** Digits of 28x28 pixels from 0 to 1; drawn ones where `quick`, or where MNIST is neither found nor can be downloaded. */
export async function openDigits(quick: boolean): Promise<Digits> {
  const normalise = false;
  if (quick) return digits({ train: 512, test: 128, normalise });
  try {
    return await mnist({ normalise });
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    say(`${error.message}\nDrawn digits take the place of MNIST.\n`);
    return digits({ normalise });
  }
}
