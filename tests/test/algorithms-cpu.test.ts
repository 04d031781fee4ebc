// The CPU backend with each algorithm for convolutions forced, on one thread with what this engine can do and on two without relaxed SIMD: PyTorch's
// answers, convolutions that suit the algorithm beside the reference, and finite differences. The long tests try every thread count, engine and golden file.
import { testForcedAlgorithms } from "./forced-algorithms.ts";
import { someWays } from "../src/forced/ways.ts";

testForcedAlgorithms(someWays(), { files: ["ops-conv"], rounds: 6, second: false });
