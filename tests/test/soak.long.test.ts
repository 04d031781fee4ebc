// 10,000 training steps of a small net on each executor, one executor after the other.
import { backendNames } from "../src/golden/backends.ts";
import { testSoak } from "./soak.ts";

for (const name of backendNames) await testSoak(name, 10_000);
