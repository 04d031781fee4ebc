// Loaded when a graph has an op that no kernel here computes: it is said in simpler ones.
export { legalise } from "@stria/core/backends";
export { cpu } from "../index.ts";
