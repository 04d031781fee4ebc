// A program in Node that opens and disposes of backends while answers are on their way, collects all garbage, and ends without disposing of the last one.
import { type Backend, BackendError } from "@stria/core";
import { webgpu } from "@stria/backend-webgpu";

const shape = [1000];
const aval = { shape, dtype: "float32" } as const;
const collect = globalThis.gc;
if (collect === undefined) throw new Error("start Node with --expose-gc");

const read = (backend: Backend) => backend.download(backend.upload(new Float32Array(1000), aval));
const turn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 1));

const longest = await webgpu();
for (let k = 0; k < 8; k++) {
  const backend = await webgpu();
  const answer = read(backend).catch((error: unknown) => {
    // Disposed of before it came.
    if (!(error instanceof BackendError)) throw error;
  });
  if (k % 2 === 0) await answer;
  backend.dispose();
  collect();
  await turn();
  collect();
  await read(longest);
}
process.stdout.write("done");
