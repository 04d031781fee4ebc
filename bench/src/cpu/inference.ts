// Predictions of whole networks, batch norm by its running statistics. Peers get it folded into the convolutions, as their converters do.
import type { Row } from "../row.ts";
import { inTemporaryFolder } from "./folder.ts";
import { inferenceNets, predictionOf } from "./inference-nets.ts";
import type { PartOptions } from "./options.ts";
import { measurePrediction } from "./predictions.ts";
import { meansOf } from "./rows.ts";
import { startWebPeers } from "./web/peers.ts";

/** The 13 networks, or those that the filter leaves. */
export async function measure(options: PartOptions): Promise<Row[]> {
  const rows = await inTemporaryFolder(async (folder) => {
    const made: Row[] = [];
    for (const net of inferenceNets.filter(({ name }) => name.includes(options.filter))) {
      // New ones for each network: WebAssembly's memory only grows, and there are up to ten processes.
      const peers = await startWebPeers(options);
      made.push(...(await measurePrediction(predictionOf(net), options, peers, folder)));
      for (const { child } of peers) child.stop();
    }
    return made;
  });
  return [...rows, ...meansOf("inference", rows)];
}
