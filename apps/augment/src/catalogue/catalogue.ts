// All transforms of the package, by group. One that is missing here does not compile.
import type * as Augmentation from "@stria/augmentation";
import { automatic, combining, numbers } from "./automatic.ts";
import { colours } from "./colours.ts";
import type { Entry } from "./entry.ts";
import { erasing } from "./erasing.ts";
import { filters } from "./filters.ts";
import { maps } from "./maps.ts";
import { windows } from "./windows.ts";

type Exports = typeof Augmentation;

/** The functions of the package that make a transform. What applies one gives parts by any name, such as those of a transform. */
export type TransformName = Exclude<
  {
    [Name in keyof Exports]: Exports[Name] extends (...args: never[]) => Augmentation.Transform<unknown, never>
      ? Name
      : never;
  }[keyof Exports],
  "apply" | "parametersOf"
>;

export interface Group {
  readonly name: string;
  readonly entries: Readonly<Record<string, Entry>>;
}

export const groups: readonly Group[] = [
  { name: "Mirror images, crops and sizes", entries: windows },
  { name: "Maps and distortions", entries: maps },
  { name: "Colours", entries: colours },
  { name: "Filters and noise", entries: filters },
  { name: "Erasing", entries: erasing },
  { name: "Automatic", entries: automatic },
  { name: "Of transforms", entries: combining },
  { name: "Numbers", entries: numbers },
];

export const catalogue: Readonly<Record<TransformName, Entry>> = {
  ...windows,
  ...maps,
  ...colours,
  ...filters,
  ...erasing,
  ...automatic,
  ...combining,
  ...numbers,
};

/** The entry of a name that comes from outside. */
export function entryOf(name: string): Entry | undefined {
  return Object.entries(catalogue).find(([known]) => known === name)?.[1];
}
