// Loaded when a network trains with batch normalisation.
export { Gatherer } from "../program/gather.ts";
export { channelMoments } from "../program/lowerings/moments.ts";
export { joinedMoments } from "../program/moments.ts";
export { cpu } from "../index.ts";
