// What the user is told where something cannot be done.
import { StriaError } from "@stria/core";

/** Something that the user asked for and that cannot be; all else goes on. */
export class Refusal extends Error {}

/** What to say of an error that is no fault of the app; undefined where it is one. */
export function refusalOf(error: unknown): string | undefined {
  return error instanceof Refusal || error instanceof StriaError ? error.message : undefined;
}
