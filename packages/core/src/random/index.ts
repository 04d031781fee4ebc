// Seeded, counter-based random numbers: the same bits for the same seed and name, whatever the order, the pieces or the place.
export { philox4x32 } from "./philox.ts";
export { type RandomKey, splitKey, streamKey, type StreamName } from "./key.ts";
export { type RandomState, randomState, rootSeed, setRandomState, setSeed } from "./root.ts";
export { boundedInteger, fillBernoulli, fillBits, fillNormal, fillUniform, permutationOf } from "./stream.ts";
export { fillTruncatedNormal, type TruncatedNormalOptions } from "./truncated-normal.ts";
