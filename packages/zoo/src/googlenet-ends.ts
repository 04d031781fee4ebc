// How both forms of GoogLeNet end: in a classifier, and, for training, in two auxiliary heads on maps of the middle.
import type { Tensor } from "@stria/core";
import { type Dropout, type GlobalAvgPool, type Linear, Module } from "@stria/layers";

/** Logits [N, numClasses] of the end and of the auxiliary heads, null where there are none. The paper's loss is that of logits + 0.3 (aux1 + aux2). */
export interface GoogLeNetOutputs {
  readonly logits: Tensor;
  readonly aux1: Tensor | null;
  readonly aux2: Tensor | null;
}

/** Maps after 4a and 4d, where the auxiliary heads are, and after 5b. */
export interface GoogLeNetMaps {
  readonly early: Tensor;
  readonly late: Tensor;
  readonly last: Tensor;
}

/** @internal A GoogLeNet without its beginning, whose fields the form itself declares, in the order of its state dict. */
export abstract class GoogLeNetEnds extends Module {
  abstract readonly aux1: Module | null;
  abstract readonly aux2: Module | null;
  abstract readonly average: GlobalAvgPool;
  abstract readonly dropout: Dropout;
  abstract readonly fc: Linear;

  protected abstract maps(x: Tensor): GoogLeNetMaps;

  #logits(last: Tensor): Tensor {
    return this.fc.forward(this.dropout.forward(this.average.forward(last)));
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    return this.#logits(this.maps(x).last);
  }

  /** x [N, inChannels, height, width] -> the logits and those of the auxiliary heads, for training. @throws as `forward`. */
  withAuxiliary(x: Tensor): GoogLeNetOutputs {
    const { early, late, last } = this.maps(x);
    const [aux1, aux2] = [this.aux1?.forward(early) ?? null, this.aux2?.forward(late) ?? null];
    return { logits: this.#logits(last), aux1, aux2 };
  }
}
