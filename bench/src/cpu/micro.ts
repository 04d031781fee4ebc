// Single layers beside the peers.
import type { Row } from "../row.ts";
import { inTemporaryFolder } from "./folder.ts";
import type { PartOptions } from "./options.ts";
import { measurePrediction } from "./predictions.ts";
import { meansOf } from "./rows.ts";
import { singleLayers } from "./single-layers.ts";
import { startWebPeers } from "./web/peers.ts";

/** The cases, or those that the filter leaves. */
export async function measure(options: PartOptions): Promise<Row[]> {
  const peers = await startWebPeers(options);
  const rows = await inTemporaryFolder(async (folder) => {
    const made: Row[] = [];
    for (const one of singleLayers)
      if (one.name.includes(options.filter)) made.push(...(await measurePrediction(one, options, peers, folder)));
    return made;
  });
  for (const { child } of peers) child.stop();
  return [...rows, ...meansOf("micro", rows)];
}
