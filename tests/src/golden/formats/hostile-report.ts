// What a process that read a hostile file tells of it.

export interface HostileReport {
  readonly path: string;
  /** The error, where there was one. */
  readonly refused?: string | undefined;
  /** Whether the error is a FormatError. */
  readonly typed: boolean;
  /** Whether a prototype has another property than before. */
  readonly polluted: boolean;
  readonly processorSeconds: number;
  readonly grownBytes: number;
}
