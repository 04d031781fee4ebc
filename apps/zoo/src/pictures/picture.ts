// The picture of a model of the registry: a file of its own, a few kilobytes.
import { type ModelInfo, create, modelInfo } from "@stria/zoo";
import type { Anatomy } from "../anatomy/anatomy.ts";
import { dissect } from "../anatomy/dissect.ts";
import { fold } from "../anatomy/fold.ts";
import { draw } from "../drawing/svg.ts";

export interface ModelPicture {
  readonly info: ModelInfo;
  readonly anatomy: Anatomy;
  readonly svg: string;
}

export async function pictureOf(name: string): Promise<ModelPicture> {
  const [info, model] = await Promise.all([modelInfo(name), create(name)]);
  const anatomy = dissect(model, info.inputShape, info.vocabulary === undefined ? "float32" : "int32");
  const { svg } = draw(fold(anatomy).boxes, {
    title: `${name}: ${info.paper} (${info.year})`,
    tallest: 130,
    widest: 38,
  });
  return { info, anatomy, svg: `${svg}\n` };
}
