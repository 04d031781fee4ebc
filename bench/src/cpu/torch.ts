// PyTorch as a contestant: peer.py in a child process, as it is installed and limited to 128-bit lanes.
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";

/** What keeps PyTorch to the lanes that WebAssembly has. */
const narrow = { ONEDNN_MAX_CPU_ISA: "SSE41", ATEN_CPU_CAPABILITY: "default", MKL_CBWR: "COMPATIBLE" };

/** PyTorch as installed, and limited; none where there is no Python with it. */
export async function startTorches(python: string | undefined): Promise<Child[]> {
  if (python === undefined) return [];
  const command = [python, fileURLToPath(new URL("peer.py", import.meta.url))];
  const started = [new Child("PyTorch", command), new Child("PyTorch, 128-bit", command, narrow)];
  for (const torch of started) console.log(`${torch.name}: ${JSON.stringify(await torch.reply())}`);
  return started;
}
