// Sums over what a convolution writes are gathered block by block, by the thread that has just written it: the block is in its cache still, and the array
// is not read from memory again.
import { at } from "@stria/core";
import { hasParts, partsOf } from "../loops/reduce.ts";
import type { ReduceSpec } from "../loops/reduce-spec.ts";
import type { PixelOperand } from "./channels-last/pixels.ts";
import type { Read } from "./elementwise.ts";
import type { Gathering, ProgramBuilder, Step, StepRequest } from "./steps.ts";
import type { PixelParts, WrittenPixels } from "./written-pixels.ts";

/**
 * Arrays no larger than this are in a cache when they are read again. And parts want some length: a walk over a few pixels of a second array begins in
 * memory that nobody has foreseen, again and again. Shorter ones pay where an array is large and the only one. (Measured: docs/cpu-limits.md.)
 */
const leastBytes = 1024 * 1024;
const largeBytes = 8 * leastBytes;
const leastInPart = 64 * 1024;
/** Pixels of a part, in the mean: what is summed up of fewer would be as many numbers as a good part of the array itself. */
const fewestInPart = 64;

/** A step that writes pixels in parts which sums can be divided by as well. */
export interface Source {
  readonly step: Step;
  readonly written: WrittenPixels;
}

/** Whether it pays to gather sums over these channels by such parts, where nothing else is read from memory, or other arrays are. */
function pays({ pixels, count }: PixelParts, channels: number, isAlone: boolean): boolean {
  const bytes = pixels * channels * 4;
  const inPart = isAlone && bytes > largeBytes ? leastInPart / 2 : leastInPart;
  return bytes > leastBytes && bytes >= inPart * count && pixels >= fewestInPart * count;
}

/** Gathers sums in one program. */
export class Gatherer {
  readonly #builder: ProgramBuilder;
  readonly #gathering: Gathering;

  constructor(builder: ProgramBuilder, gathering: Gathering) {
    this.#builder = builder;
    this.#gathering = gathering;
  }

  /** The step that writes an array of pixels in parts by which it pays to gather sums. */
  sourceOf(
    { buffer, offset, pitch }: Required<PixelOperand>,
    { pixels, channels, isAlone }: { readonly pixels: number; readonly channels: number; readonly isAlone: boolean },
  ): Source | undefined {
    const step = this.#builder.steps.findLast(({ pixels: written }) => {
      if (written?.target.buffer !== buffer || written.channels !== channels) return false;
      const { target, parts } = written;
      return target.offset === offset && (target.pitch ?? channels) === pitch && parts.pixels === pixels;
    });
    if (!step?.pixels) return undefined;
    const isWanted = this.#gathering === "everywhere" || pays(step.pixels.parts, channels, isAlone);
    return isWanted ? { step, written: step.pixels } : undefined;
  }

  /** What writes one of the arrays that are summed up, where all of them lie as pixels: channels side by side, and one step from pixel to pixel. */
  sourceIn(reads: readonly Read[], spec: Omit<ReduceSpec, "parts">): Source | undefined {
    const { kept, reduced, operands } = spec;
    const wants = partsOf(spec) > 1 || (this.#gathering === "everywhere" && hasParts(spec));
    const [channels = 0, pixels = 0] = [kept[0], reduced[0]];
    if (!wants || reduced.length !== 1) return undefined;
    const isAlone = operands.filter(({ strides }) => at(strides, 1) !== 0).length === 1;
    const found = reads.flatMap(({ buffer, view }, index) => {
      const [step, pitch = 0] = at(operands, index).strides;
      if (step !== 1 || pitch < channels) return [];
      return this.sourceOf({ buffer, offset: view.offset, pitch }, { pixels, channels, isAlone }) ?? [];
    });
    // The latest is the one whose numbers are the nearest.
    const place = ({ step }: Source): number => this.#builder.steps.indexOf(step);
    return found.toSorted((a, b) => place(a) - place(b)).at(-1);
  }

  /** Adds a step whose units are the parts of `source`: right behind each of its units, where that is the one who writes them. */
  add({ step, written }: Source, request: StepRequest): void {
    const builder = this.#builder;
    const place = written.byUnit ? placeOf(builder, step, request) : undefined;
    if (place === undefined) return builder.step(request);
    const { kernel, arguments: words, scratchBytes = 0 } = request;
    const { inPlace, ...whole } = step;
    const both: Step = {
      ...whole,
      next: { kernel, arguments: words },
      scratchBytes: Math.max(step.scratchBytes, scratchBytes),
      reads: [...step.reads, ...request.reads.filter((buffer) => !step.writes.includes(buffer))],
      writes: [...step.writes, ...request.writes],
      // What is read when a unit is written must not be written over.
      ...(inPlace && { inPlace: inPlace.filter(([read]) => !request.reads.includes(read)) }),
    };
    builder.steps.splice(builder.steps.indexOf(step), 1);
    builder.steps.splice(place, 0, both);
  }
}

/** Where in the list a step can do another one's work as well, with itself taken out of it: where it is, or at the end; undefined where neither can be. */
function placeOf({ steps }: ProgramBuilder, step: Step, { reads }: StepRequest): number | undefined {
  if (step.next) return undefined;
  const index = steps.indexOf(step);
  const behind = steps.slice(index + 1);
  if (behind.every(({ writes }) => !writes.some((buffer) => reads.includes(buffer)))) return index;
  const needs = (one: Step): boolean =>
    one.reads.some((buffer) => step.writes.includes(buffer)) ||
    one.writes.some((buffer) => step.writes.includes(buffer) || step.reads.includes(buffer));
  return behind.some(needs) ? undefined : steps.length - 1;
}
