// PyTorch as a contestant: peer.py in a child process, as it is installed and limited to 128-bit lanes.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";

/** What keeps PyTorch to the lanes that WebAssembly has. */
const narrow = { ONEDNN_MAX_CPU_ISA: "SSE41", ATEN_CPU_CAPABILITY: "default", MKL_CBWR: "COMPATIBLE" };

/** The command that was named, else python3 where that has PyTorch; `none` for none. */
export function pythonWithTorch(named: string | undefined): string | undefined {
  if (named !== undefined) return named === "none" ? undefined : named;
  const looked = spawnSync("python3", [
    "-c",
    "import importlib.util as u, sys; sys.exit(u.find_spec('torch') is None)",
  ]);
  return looked.status === 0 ? "python3" : undefined;
}

/** PyTorch as installed, and limited; none where there is no Python with it. */
export function torchesOf(python: string | undefined): Child[] {
  if (python === undefined) return [];
  const command = [python, fileURLToPath(new URL("peer.py", import.meta.url))];
  return [new Child("PyTorch", command), new Child("PyTorch, 128-bit", command, { environment: narrow })];
}
