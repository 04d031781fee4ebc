// 10,000 training steps of a small net on each executor, one executor after the other.
import { backendNames } from "../src/golden/backends.ts";
import { testSoak } from "./soak.ts";

// Without a GPU a step of WebGPU takes 50 ms, and some machines have none.
for (const name of backendNames) await testSoak(name, name === "webgpu" ? 2000 : 10_000);
