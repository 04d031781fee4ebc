// The digits: MNIST where it can be had, else digits drawn by a generator.
import { digits, DownloadError, type ImageDataset, mnist } from "@stria/data";

export interface Digits {
  /** What to call them. */
  readonly name: string;
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

const pad = 2; // LeNet-5 reads 32x32

/** MNIST from `folder`, STRIA_DATA, the cache or the net; drawn digits where none has it, which `say` is told. */
export async function openDigits(folder: string | undefined, say: (line: string) => void): Promise<Digits> {
  try {
    return { name: "MNIST", ...(await mnist({ pad, ...(folder !== undefined && { dataDir: folder }) })) };
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    say(`MNIST could neither be found nor downloaded (${error.message})`);
    say("Taking digits drawn by the built-in generator instead.");
    return { name: "drawn digits", ...digits({ pad }) };
  }
}
