// The digits: MNIST where it can be had, else digits drawn by a generator.
import { digits, DownloadError, type ImageDataset, mnist } from "@stria/data";

export interface Digits {
  /** What to call them. */
  readonly name: string;
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

const pad = 2; // LeNet-5 reads 32x32

/**
 * MNIST from the folder `data`, STRIA_DATA, the cache or the net; drawn digits where none has it, which `say` is told, or where `drawn` asks for so many.
 * @throws DownloadError when `data` is named and nothing has it.
 */
export async function openDigits(
  { data, drawn }: { readonly data: string | undefined; readonly drawn: number | undefined },
  say: (line: string) => void,
  load: typeof mnist = mnist,
): Promise<Digits> {
  if (drawn !== undefined)
    return { name: "drawn digits", ...digits({ pad, train: drawn, test: Math.max(100, Math.floor(drawn / 6)) }) };
  try {
    return { name: "MNIST", ...(await load({ pad, ...(data !== undefined && { dataDir: data }) })) };
  } catch (error) {
    // Who names a folder wants MNIST, and nothing in its place.
    if (data !== undefined || !(error instanceof DownloadError)) throw error;
    say(`MNIST could neither be found nor downloaded (${error.message})`);
    say("Taking digits drawn by the built-in generator instead.");
    return { name: "drawn digits", ...digits({ pad }) };
  }
}
