// ResNet-20 as it was published, trained on CIFAR-10.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { at } from "@stria/core";
import { DownloadError } from "@stria/data";
import { loadStateDict } from "@stria/layers";
import { downloadWeights, readPyTorch, weightsOf } from "@stria/weights";
import { type CifarResNet, resnet20, resnet20Info } from "@stria/zoo";
import { say } from "./setting.ts";

const known = at(resnet20Info.weights, 0);
const name = known.url.slice(known.url.lastIndexOf("/") + 1);

/** The file's bytes: in `weights/resnet-cifar10` of the folder that STRIA_DATA names, in the cache, or downloaded; undefined where it is nowhere. */
async function published(quick: boolean): Promise<Uint8Array | undefined> {
  const beside = join(process.env["STRIA_DATA"] ?? ".", "weights", "resnet-cifar10", name);
  if (existsSync(beside)) return new Uint8Array(readFileSync(beside));
  if (quick) return undefined;
  try {
    return (await downloadWeights(known)).bytes;
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    say(error.message);
    return undefined;
  }
}

export interface Backbone {
  readonly model: CifarResNet;
  readonly weights: "published" | "random";
}

/** The network with its published weights; where these cannot be had, or are not at hand and there is no time (`quick`), with random ones, and then it says so. */
export async function openBackbone(quick: boolean): Promise<Backbone> {
  const bytes = await published(quick);
  const model = resnet20();
  if (bytes) loadStateDict(model, weightsOf(readPyTorch(bytes, name), { stripPrefix: "module." }), { strict: false });
  else
    say(
      `The published weights ${name} are not at hand. Random ones take their place: the steps are the same, the gain is not.\n`,
    );
  return { model, weights: bytes ? "published" : "random" };
}
