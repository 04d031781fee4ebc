// What a Keras config says, whichever file it comes from.
export { parseJson, type Json, type JsonObject } from "./json.ts";
export { type KnownTopology, inferTopology } from "./known-layers.ts";
export type { KerasVariable } from "./rule.ts";
export { readTopology } from "./read-topology.ts";
export type { KerasCall, KerasLayer, KerasShape, KerasTensor, KerasTopology } from "./topology.ts";
