// Loaded when a network pools averages, follows the winners of another pooling, or pools where images are planes.
export { addMaxPoolSpreadLast } from "../program/channels-last/rare-pooling.ts";
export { maxPool, maxPoolGradient } from "../program/lowerings/pooling.ts";
export { avgPool, avgPoolGradient, maxPoolGather } from "../program/lowerings/rare-pooling.ts";
export { cpu } from "../index.ts";
