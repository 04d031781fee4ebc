// Every way in which the CPU backend computes convolutions: each algorithm forced, on one thread and on two, as in each Node.
import { testForcedAlgorithms } from "./forced-algorithms.ts";
import { allWays } from "../src/forced/ways.ts";

testForcedAlgorithms(allWays(), {
  files: ["ops-conv", "ops-network", "ops-norm", "ops-pool", "ops-recurrent", "ops-matmul"],
  models: ["lenet5", "resnet20_cifar", "mobilenet_v3_small", "unet_padded", "shufflenet_v2_x1_0", "context_basic"],
  rounds: 100,
  second: true,
});
