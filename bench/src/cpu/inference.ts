// Predictions of whole networks.
import type { Case } from "./case.ts";
import { rest } from "./company.ts";
import { inferenceNets, predictionOf } from "./inference-nets.ts";
import type { PartOptions } from "./options.ts";
import { measurePrediction } from "./predictions.ts";

/** The 13 networks. */
export function casesOf(options: PartOptions): Case[] {
  return inferenceNets.map((net) => ({
    name: net.name,
    async measure() {
      const measured = await measurePrediction(predictionOf(net), options);
      // New processes for each network: WebAssembly's memory only grows, and there are up to ten.
      await rest(options.company, false);
      return measured;
    },
  }));
}
