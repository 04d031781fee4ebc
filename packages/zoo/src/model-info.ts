// What is known of a model of the zoo besides its code.
import type { Shape } from "@stria/core";

/** How pictures become inputs. */
export interface Preprocessing {
  /** Subtracted from each channel of pixels in [0, 1]. */
  readonly mean: readonly number[];
  /** By which each channel is divided afterwards. */
  readonly standardDeviation: readonly number[];
  /** Pixels of 0 that are put on every side after that. */
  readonly pad: number;
}

/** What a model is made for. */
export type Task = "classification" | "segmentation" | "text" | "sound" | "video" | "reconstruction";

/** A place inside a model whose output is a map worth having: `features(model, [name])` of `@stria/layers` returns it. */
export interface Stage {
  /** Path of the module. */
  readonly name: string;
  /** Channels of its output, with the default options. */
  readonly channels: number;
  /** Pixels of the input (frames, words) from one unit of the map to the next. */
  readonly stride: number;
}

/** Weights that somebody published for a model. */
export interface KnownWeights {
  readonly name: string;
  readonly url: string;
  /** SHA-256 of the file in hexadecimal digits; the first ones alone, where the publisher tells no more. */
  readonly sha256: string;
  readonly format: "pytorch" | "safetensors" | "keras" | "tfjs" | "onnx";
  readonly licence: string;
  /** As published: what was measured, on which data. */
  readonly accuracy: string;
  readonly numClasses: number;
  /** Regular expressions and what replaces their matches in the file's keys, in turn. */
  readonly rename?: readonly (readonly [pattern: string, replacement: string])[];
  /** Where it is not the model's. */
  readonly preprocessing?: Preprocessing;
}

/** The figures are those of the model with default options. */
export interface ModelInfo {
  readonly name: string;
  readonly task: Task;
  readonly paper: string;
  readonly authors: string;
  readonly year: number;
  readonly url: string;
  /** Trainable numbers. */
  readonly parameters: number;
  /** Multiply-adds of convolutions and dense layers for one input, without biases. */
  readonly multiplyAdds: number;
  /** Shape of one input, without the batch axis. */
  readonly inputShape: Shape;
  /** Shape of the smallest input. */
  readonly minimumInput: Shape;
  /** Of a model that reads tokens: how many there are. Its inputs are int32. */
  readonly vocabulary?: number;
  /** Null for a model that does not tell classes apart. */
  readonly numClasses: number | null;
  /** Null for a model that does not read pictures. */
  readonly preprocessing: Preprocessing | null;
  /** In the order of the way through the model. */
  readonly stages: readonly Stage[];
  readonly weights: readonly KnownWeights[];
}
