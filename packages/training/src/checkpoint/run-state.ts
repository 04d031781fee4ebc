// What a run of fit holds besides its training state, in a checkpoint: figures of the epoch under way, and what callbacks remember.
import { FormatError, type HostTensor } from "@stria/core";
import { runPrefix } from "./model.ts";

/** What a callback remembers: plain data and bytes, by name. Numbers are finite. */
export type CallbackState = Readonly<Record<string, number | string | boolean | null | Uint8Array>>;

export interface RunState {
  /** What the accumulators of the epoch's figures saved. */
  readonly totals: ReadonlyMap<string, Float64Array<ArrayBuffer>>;
  /** By the callbacks' names. */
  readonly callbacks: ReadonlyMap<string, CallbackState>;
}

export const nothing: RunState = { totals: new Map(), callbacks: new Map() };

export const callbacksKey = "callbacks";
const totalsPrefix = `${runPrefix}totals/`;
const bytesPrefix = `${runPrefix}callbacks/`;

function bytesTensor(data: Uint8Array): HostTensor {
  return { shape: [data.length], dtype: "uint8", data };
}

/** The tensors of a file, and the entry of its metadata, for a run's state. */
export function encodeRunState({ totals, callbacks }: RunState): {
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly metadata: string;
} {
  const tensors = new Map<string, HostTensor>();
  for (const [name, saved] of totals) tensors.set(totalsPrefix + name, bytesTensor(new Uint8Array(saved.buffer)));
  const plain: [string, [string, unknown][]][] = [];
  for (const [callback, state] of callbacks) {
    const entries = Object.entries(state);
    for (const [key, value] of entries)
      if (value instanceof Uint8Array) tensors.set(`${bytesPrefix}${callback}/${key}`, bytesTensor(value));
    plain.push([callback, entries.filter(([, value]) => !(value instanceof Uint8Array))]);
  }
  return { tensors, metadata: JSON.stringify(plain) };
}

/** @throws FormatError for what {@link encodeRunState} did not write. */
export function decodeRunState(tensors: ReadonlyMap<string, HostTensor>, metadata: string): RunState {
  const totals = new Map<string, Float64Array<ArrayBuffer>>();
  const callbacks = new Map<string, Record<string, CallbackState[string]>>();
  for (const [callback, entries] of pairsOf(parse(metadata))) {
    const state: Record<string, CallbackState[string]> = {};
    for (const [key, value] of pairsOf(entries)) {
      if (value !== null && !["number", "string", "boolean"].includes(typeof value)) damaged();
      Object.defineProperty(state, key, { value, enumerable: true });
    }
    const prefix = `${bytesPrefix}${callback}/`;
    for (const [name, { data }] of tensors)
      if (name.startsWith(prefix) && data instanceof Uint8Array)
        Object.defineProperty(state, name.slice(prefix.length), { value: data, enumerable: true });
    callbacks.set(callback, state);
  }
  for (const [name, { data }] of tensors) {
    if (!name.startsWith(totalsPrefix)) continue;
    if (data.length % 8 !== 0) damaged();
    totals.set(name.slice(totalsPrefix.length), new Float64Array(Uint8Array.from(data).buffer));
  }
  return { totals, callbacks };
}

function damaged(): never {
  throw new FormatError("checkpoint", "what it keeps of callbacks cannot be read", "take an older checkpoint");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return damaged();
  }
}

function pairsOf(value: unknown): (readonly [string, unknown])[] {
  if (!Array.isArray(value)) return damaged();
  return value.map((pair: unknown) => {
    if (!Array.isArray(pair)) return damaged();
    const key: unknown = pair[0];
    const of: unknown = pair[1];
    return typeof key === "string" ? [key, of] : damaged();
  });
}
