// An entry of the catalogue: a transform, what can be set of it, and what is said of it.
import type { Transform } from "@stria/augmentation";
import { type Controls, type Values, type ValuesOf, valuesOf } from "./control.ts";
import { type Source, callSource } from "./source.ts";

/** What is known of any transform. */
export interface Entry {
  /** What it does. */
  readonly does: string;
  /** Where it comes from. */
  readonly paper?: string;
  /** What becomes of masks, boxes and key points. */
  readonly moves: "pixels" | "colours" | "image alone";
  readonly controls: Controls;
  /** The transform, set so. */
  make(values: Values): Transform<unknown, never>;
  /** The code that makes it. */
  source(name: string, values: Values): Source;
}

interface Written<Args extends readonly unknown[], Own extends Controls> extends Pick<
  Entry,
  "does" | "paper" | "moves"
> {
  readonly controls: Own;
  /** What the maker is called with. */
  readonly call: (values: ValuesOf<Own>) => readonly [...Args];
}

/** An entry whose transform and code come of the same arguments. */
export function entry<const Args extends readonly unknown[], const Own extends Controls>(
  maker: (...args: Args) => Transform<unknown, never>,
  { call, controls, ...rest }: Written<Args, Own>,
): Entry {
  return {
    ...rest,
    controls,
    make: (values) => maker(...call(valuesOf(controls, values))),
    source: (name, values) => callSource(name, call(valuesOf(controls, values))),
  };
}
