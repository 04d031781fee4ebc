// Weights that somebody published, from the cache or the network.
import { type ObtainedFile, type ObtainFileOptions, obtainFile } from "@stria/download";

/** What must be known of published weights: the zoo's `KnownWeights` say this and more. */
export interface PublishedWeights {
  readonly name: string;
  readonly url: string;
  /** SHA-256 in hexadecimal digits, or the first eight or more. */
  readonly sha256: string;
}

const digitsInName = 8;

/** Names in the cache: the address's own, and, where publishers forgot that others publish too, some of the hash in it. */
function namesOf({ url, sha256, name }: PublishedWeights): [kept: string, own: string] {
  const last = url
    .replace(/[?#].*/s, "")
    .split("/")
    .at(-1);
  const own = (last === undefined || last === "" ? name : last).replaceAll(/[^\w.+-]/g, "_");
  const digits = sha256.slice(0, digitsInName).toLowerCase();
  return [own.toLowerCase().includes(digits) ? own : own.replace(/^([^.]*)/, `$1-${digits}`), own];
}

/**
 * The file of published weights, for `readWeights`: found in `STRIA_DATA` or the cache (folder `weights`), else downloaded with progress, resumed where
 * it broke, verified by its SHA-256 each time, and kept.
 * @throws DownloadError when it is neither there nor can be downloaded: it says what happened at each place, and which file to put where; AttributeError
 * when the hash is none; the reason of `signal` when that is aborted
 * @example
 * const [known] = (await modelInfo("resnet20_cifar")).weights;
 * const weights = await readWeights(await downloadWeights(known));
 */
export async function downloadWeights(
  weights: PublishedWeights,
  options: ObtainFileOptions = {},
): Promise<ObtainedFile> {
  const [name, own] = namesOf(weights);
  const otherNames = name === own ? [] : [own];
  const { url, sha256 } = weights;
  return obtainFile({ name, otherNames, folder: "weights", addresses: [url], sha256 }, options);
}
