// Handwritten digits for the examples: MNIST, or drawn ones where it cannot be had.
import { DownloadError, type ImageDataset, digits, mnist } from "@stria/data";
import { say } from "./setting.ts";

export interface Digits {
  readonly name: "mnist" | "drawn";
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

/** Digits of 28x28 pixels from 0 to 1, `pad` more on each side; drawn ones where `quick`, or where MNIST is neither found nor can be downloaded. */
export async function openDigits(quick: boolean, { pad = 0 }: { readonly pad?: number } = {}): Promise<Digits> {
  const options = { normalise: false, pad } as const;
  if (quick) return { name: "drawn", ...digits({ train: 512, test: 128, ...options }) };
  try {
    return { name: "mnist", ...(await mnist(options)) };
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    say(`${error.message}\nDrawn digits take the place of MNIST.\n`);
    return { name: "drawn", ...digits(options) };
  }
}
