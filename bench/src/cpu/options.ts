// What the parts of the suite are told.
import type { Child } from "./child.ts";
import type { OtherNode } from "./other-nodes.ts";

export interface PartOptions {
  /** Numbers of threads, each measured. */
  readonly threads: readonly number[];
  /** Only what has this in its name. */
  readonly filter: string;
  /** Rounds at most, where it is not for the part to say. */
  readonly rounds: number | undefined;
  /** The command that starts a Python with PyTorch, where there is one. */
  readonly python: string | undefined;
  /** Its processes, already started. */
  readonly torches: readonly Child[];
  /** Stria in other Nodes, already started. */
  readonly nodes: readonly OtherNode[];
  /** The folder of an installed onnxruntime-node, where it is to be met. */
  readonly onnxruntimeNode: string | undefined;
}
