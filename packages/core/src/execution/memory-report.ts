// Who holds memory: live tensors by the place that made them. Stacks are taken only while it is switched on.
import { byteSize } from "../tensor/aval.ts";
import type { Backend } from "../backend.ts";
import { callSite } from "./call-site.ts";
import { defaultBackend } from "./runtime.ts";
import { type Storage, watchStorages } from "./storage.ts";

export interface MemorySite {
  /** The layer whose parameters and state they are, or the line of the program that made them. */
  readonly site: string;
  readonly bytes: number;
  readonly buffers: number;
}

export interface MemoryReport {
  /** Live bytes and buffers of the backend. */
  readonly bytes: number;
  readonly buffers: number;
  /** The same by place, the most bytes first. What was there before `trackAllocations(true)` is one entry. */
  readonly sites: readonly MemorySite[];
}

let tracked: Map<Storage, string> | undefined;
let nextSweep = 0;

function sweep(sites: Map<Storage, string>): void {
  for (const storage of sites.keys()) if (storage.gone) sites.delete(storage);
  nextSweep = 2 * sites.size + 1024;
}

/**
 * Notes from now on where tensors are made, for `memoryReport`, or stops it and forgets what was noted. A stack is taken for every tensor that is made:
 * switch it on to look for a leak, not in production. While it is off it costs nothing.
 */
export function trackAllocations(on: boolean): void {
  tracked = on ? new Map() : undefined;
  nextSweep = 1024;
  const sites = tracked;
  watchStorages(
    sites && {
      made(storage) {
        sites.set(storage, callSite());
        if (sites.size > nextSweep) sweep(sites);
      },
      kept: (storage, path) => void sites.set(storage, path.split(".").slice(0, -1).join(".") || path),
    },
  );
}

/**
 * What is live on a backend, by the place that made it: the layer of a parameter or state, else the line of the program.
 * @param backend default: the chosen one. @throws BackendError where none was chosen.
 * @example
 * trackAllocations(true);
 * await fit(...);
 * console.table(memoryReport().sites);
 */
export function memoryReport(backend: Backend = defaultBackend()): MemoryReport {
  const { bytes, buffers } = backend.memory();
  const found = new Map<string, { bytes: number; buffers: number }>();
  const rest = { bytes, buffers };
  if (tracked) sweep(tracked);
  for (const [storage, site] of tracked ?? []) {
    if (storage.backend !== backend || storage.failed) continue;
    const entry = found.get(site) ?? { bytes: 0, buffers: 0 };
    found.set(site, entry);
    for (const count of [entry, rest]) {
      const sign = count === entry ? 1 : -1;
      count.bytes += sign * byteSize(storage.aval);
      count.buffers += sign;
    }
  }
  if (rest.buffers > 0)
    found.set(tracked ? "made before trackAllocations(true)" : "not tracked: call trackAllocations(true) first", rest);
  const sites = [...found].map(([site, count]) => ({ site, ...count })).toSorted((a, b) => b.bytes - a.bytes);
  return { bytes, buffers, sites };
}
