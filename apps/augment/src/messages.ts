// What the page and its worker say to each other.
import type { MixName } from "./mixing.ts";
import type { SampleName } from "./samples/samples.ts";
import type { Step } from "./pipeline.ts";

/** Pixels to be shown, and what lies over them. */
export interface Shown {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and alpha. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  /** The least and the largest value, where they are not bytes: those are black and white then. */
  readonly stretched?: readonly [least: number, largest: number];
  readonly mask?: Uint8Array;
  /** Left, top, right, bottom. */
  readonly boxes?: Float32Array;
  readonly labels?: Int32Array;
  readonly points?: Float32Array;
}

/** Boxes of a file. */
export interface GivenBoxes {
  readonly name: string;
  readonly values: readonly number[];
  readonly labels: readonly number[];
  /** Names of the classes from 1 on. */
  readonly classes: readonly string[];
}

export type ToWorker =
  | { readonly type: "sample"; readonly name: SampleName }
  | { readonly type: "image" | "mask"; readonly name: string; readonly picture: ImageBitmap }
  | ({ readonly type: "boxes" } & GivenBoxes)
  | {
      readonly type: "draw";
      /** Later requests take the place of earlier ones. */
      readonly request: number;
      readonly steps: readonly Step[];
      readonly seed: number;
      /** What is made of several draws. */
      readonly mix: MixName;
      /** The draws, the most urgent first. */
      readonly indices: readonly number[];
    };

export type FromWorker =
  | { readonly type: "opened"; readonly shown: Shown; readonly classes: readonly string[]; readonly note: string }
  | {
      readonly type: "drawn";
      readonly request: number;
      readonly index: number;
      readonly shown: Shown;
      /** Of each step, then of the mixing. */
      readonly parameters: readonly unknown[];
      /** Parts that the list has no rule for. */
      readonly leftOut: readonly string[];
    }
  | { readonly type: "finished"; readonly request: number; readonly milliseconds: number }
  | { readonly type: "failed"; readonly message: string; readonly request?: number };
