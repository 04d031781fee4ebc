// Single layers beside the peers.
import type { Case } from "./case.ts";
import type { PartOptions } from "./options.ts";
import { measurePrediction } from "./predictions.ts";
import { singleLayers } from "./single-layers.ts";

/** The layers. */
export function casesOf(options: PartOptions): Case[] {
  return singleLayers.map((layer) => ({ name: layer.name, measure: () => measurePrediction(layer, options) }));
}
