// Warnings that a user should see.

/** Writes a warning to the console. */
export function warn(message: string): void {
  console.warn(`Stria: ${message}`);
}
