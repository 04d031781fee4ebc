// Something that was asked for and cannot be done, said to the user; whatever was going on goes on.
import { StriaError } from "@stria/core";

export class Refusal extends Error {
  /** The layer of the list at fault, from 0. */
  readonly entry: number | undefined;

  constructor(message: string, entry?: number, options?: ErrorOptions) {
    super(message, options);
    this.name = "Refusal";
    this.entry = entry;
  }
}

/** An error of the library as a refusal; of its place, the layer of the list. Any other error is none of the user's. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (!(error instanceof StriaError)) return undefined;
  const { message, place = "" } = error;
  const index = Number.parseInt(place, 10);
  if (Number.isNaN(index)) return new Refusal(message, undefined, { cause: error });
  // The page says which layer it is, in its own words.
  return new Refusal(message.slice(message.startsWith(`${place}: `) ? place.length + 2 : 0), index, { cause: error });
}
