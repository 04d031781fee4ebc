// As many steps on each executor as take a few seconds; soak.long.test.ts makes them all.
import { testSoak } from "./soak.ts";

await testSoak("cpu", 10_000);
await testSoak("onnx", 1000);
await testSoak("reference", 200);
// Without a GPU a step of WebGPU takes 50 ms.
await testSoak("webgpu", 90, 30);
