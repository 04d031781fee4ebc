// What a Keras or TF.js config says of a model: its layers, what each is given, and the shapes between them.
import type { JsonObject } from "./json.ts";

/** A shape without the batch axis, in Keras' own order of axes; null is a length that the config leaves open. */
export type KerasShape = readonly (number | null)[];

/** A layer, with the settings that its config gives. */
export interface KerasLayer {
  /** Unique in its model. */
  readonly name: string;
  /** Keras' class, "Conv2D". */
  readonly className: string;
  readonly config: JsonObject;
  /** Whose class it is where it is not Keras' own: the name it was registered under, or its module. */
  readonly foreign?: string;
  /** A model that is used as a layer. */
  readonly model?: KerasTopology;
  /** The layers that a wrapper (Bidirectional, TimeDistributed) holds, by their role. */
  readonly wrapped: ReadonlyMap<string, KerasLayer>;
}

/** One use of a layer; a shared layer has several. */
export interface KerasCall {
  readonly layer: KerasLayer;
  /** The calls whose results it is given, as indices of `calls`, each with the number of the result. None for an input. */
  readonly inputs: readonly KerasTensor[];
  /** What stands among its arguments besides tensors, in order: a number for each, a tensor as null. */
  readonly constants: readonly (number | null)[];
  /** Names of arguments, `initial_state`, that are tensors. */
  readonly keywords: readonly string[];
}

/** A result of a call. */
export interface KerasTensor {
  readonly call: number;
  readonly result: number;
}

/** A Sequential or functional model. */
export interface KerasTopology {
  readonly name: string;
  readonly layers: readonly KerasLayer[];
  /** Every use of a layer, in an order in which each is given what earlier ones made. */
  readonly calls: readonly KerasCall[];
  readonly inputs: readonly KerasTensor[];
  readonly outputs: readonly KerasTensor[];
}
