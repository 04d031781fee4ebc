// The zoo's models by the names that goldens have for them, and what they are filled with.
import { namedCells } from "@stria/core";
import type { Module } from "@stria/layers";
import { readAll } from "./arguments.ts";
import { parameter } from "./fill.ts";
import { type Json, asObject } from "./json.ts";
import { Unsupported } from "./outcome.ts";
import { classicModels } from "./zoo/classic.ts";
import { mobileModels } from "./zoo/mobile.ts";
import { residualModels } from "./zoo/residual.ts";
import type { ModelTable } from "./zoo/table.ts";
import { taskModels } from "./zoo/tasks.ts";
import { videoModels } from "./zoo/video.ts";

const models: ModelTable = { ...classicModels, ...residualModels, ...mobileModels, ...taskModels, ...videoModels };

/** The model of a golden. @throws Unsupported where the zoo has none of that source, or an option is not known. */
export function modelOf(purpose: string, source: string, options: Json | undefined): Module {
  const build = Object.hasOwn(models, source) ? models[source] : undefined;
  if (!build) throw new Unsupported(`${purpose} ${source}`);
  return readAll(`${purpose} ${source}`, asObject(options ?? {}, "options"), build);
}

/** Gives every parameter and state its value by its name, one after the other: there is no room for a large model twice. */
export function fillModel(model: Module, prefix: string): void {
  for (const [path, cell] of namedCells(model))
    cell.load(path.endsWith("num_batches_tracked") ? new Int32Array(1) : parameter(prefix + path, cell.aval.shape));
}
