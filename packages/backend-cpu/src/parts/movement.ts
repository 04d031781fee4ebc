// Loaded when a network moves numbers: joins and pads arrays, counts places, reads or writes at indices, sorts.
export { argSort, gather, gatherGradient, scatterPlaces, take, takeGradient } from "../program/lowerings/indexing.ts";
export { iota } from "../program/lowerings/iota.ts";
export { argMax, concat, pad } from "../program/lowerings/movement.ts";
export { partStatistics } from "../program/part-statistics.ts";
export { placementsOf } from "../program/placement.ts";
export { cpu } from "../index.ts";
