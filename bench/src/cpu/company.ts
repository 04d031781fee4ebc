// Everybody who takes part in contests, each in processes of their own, started when they are first asked.
import { fileURLToPath } from "node:url";
import type { SuiteOptions } from "../row.ts";
import { Child } from "./child.ts";
import { type OtherNode, otherNodes } from "./other-nodes.ts";
import { type WebPeer, webPeers } from "./web/peers.ts";
import { torchesOf } from "./torch.ts";

export interface Company {
  /** Stria in this Node. */
  readonly stria: Child;
  readonly nodes: readonly OtherNode[];
  readonly web: readonly WebPeer[];
  readonly torches: readonly Child[];
}

/** Lists them; what the other Nodes run, and what peers write themselves, goes to a folder. */
export async function companyOf(
  { node, onnxruntimeNode }: SuiteOptions,
  threads: readonly number[],
  python: string | undefined,
  folder: string,
): Promise<Company> {
  const program = fileURLToPath(new URL("programs/stria.ts", import.meta.url));
  const flags = ["--expose-gc", "--conditions=@stria/source", "--disable-warning=ExperimentalWarning"];
  return {
    stria: new Child("stria", [process.execPath, ...flags, program]),
    nodes: await otherNodes(node, program, folder),
    web: webPeers(threads, onnxruntimeNode, folder),
    torches: torchesOf(python),
  };
}

/** Has each say once what it is; who cannot is told of before anything is measured. */
export async function introduce({ nodes, torches }: Company): Promise<void> {
  for (const child of [...nodes.map((node) => node.child), ...torches])
    console.log(`${child.name}: ${JSON.stringify(await child.begin())}`);
}

/** Ends all processes, PyTorch's where that is wanted too: it takes seconds to start, and gives memory back by itself. */
export async function rest({ stria, nodes, web, torches }: Company, torch: boolean): Promise<void> {
  const all = [stria, ...nodes.map((node) => node.child), ...web.map((peer) => peer.child)];
  await Promise.all([...all, ...(torch ? torches : [])].map((child) => child.stop()));
}
