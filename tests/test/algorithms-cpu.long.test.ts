// Every way in which the CPU backend computes convolutions: each algorithm forced, on one thread and on two, as in each Node.
import { testForcedAlgorithms, testForcedModels } from "./forced-algorithms.ts";
import { allWays, someWays } from "../src/forced/ways.ts";

testForcedAlgorithms(allWays(), { files: ["ops-conv", "ops-network"], rounds: 30, wideRounds: 4, second: true });
testForcedModels(someWays(), ["lenet5", "resnet20_cifar", "mobilenet_v3_small", "unet_padded"]);
