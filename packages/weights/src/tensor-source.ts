// A file whose tensors are read when they are asked for.
import type { Shape, StoredTensor, StoredType } from "@stria/core";

/** What is known of a tensor that has not been read. */
export interface TensorEntry {
  readonly shape: Shape;
  readonly storedAs: StoredType;
}

/** Tensors by name, of which only the directory has been read. */
export interface TensorSource {
  /** What the file is called in errors. */
  readonly source: string;
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /** Reads the tensors of these names, by default all. @throws FormatError for a name that is not there */
  read(names?: Iterable<string>): Promise<Map<string, StoredTensor>>;
  /** Gives the file back; nothing can be read afterwards. */
  close(): Promise<void>;
}

/** Whether a value can be asked for its tensors by name. */
export function isTensorSource(value: object): value is TensorSource {
  return "entries" in value && "read" in value && "source" in value;
}
