// As many steps on each executor as take a few seconds; soak.long.test.ts makes them all.
import { testSoak } from "./soak.ts";

await testSoak("cpu", 10_000);
await testSoak("onnx", 2000);
await testSoak("reference", 200);
await testSoak("webgpu", 200);
