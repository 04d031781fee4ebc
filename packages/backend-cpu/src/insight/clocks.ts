// The clocks that a step can be timed by.
import { AttributeError } from "@stria/core";

/** "wall": time that passes; "processor": time that the process's threads compute, where others use the machine too (Node only). */
export type Clock = "wall" | "processor";

function isUsage(value: unknown): value is { user: number; system: number } {
  return typeof value === "object" && value !== null && "user" in value && "system" in value;
}

/** A function that tells milliseconds. @throws AttributeError for a clock that is not there. */
export function clockOf(subject: string, clock: Clock): () => number {
  const named: string = clock; // JavaScript may pass any
  if (named === "wall") return () => performance.now();
  const host: unknown = Reflect.get(globalThis, "process");
  const usage: unknown = typeof host === "object" && host !== null ? Reflect.get(host, "cpuUsage") : undefined;
  if (named !== "processor" || typeof usage !== "function")
    throw new AttributeError(subject, `there is no clock "${named}" here`, 'use "wall", or "processor" in Node');
  return () => {
    const told: unknown = Reflect.apply(usage, host, []);
    return isUsage(told) ? (told.user + told.system) / 1000 : Number.NaN;
  };
}
