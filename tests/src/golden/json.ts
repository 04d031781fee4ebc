// JSON from files that others wrote: every access says what it expects and where it looked.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json;
}

/** A golden file that does not say what its format promises. */
export class GoldenError extends Error {}

function isJson(value: unknown): value is Json {
  return value !== undefined;
}

export function parseJson(text: string, source: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : null;
  } catch (error) {
    throw new GoldenError(`${source}: not JSON`, { cause: error });
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !isList(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function asObject(value: Json | undefined, what: string): JsonObject {
  if (!isObject(value)) throw new GoldenError(`${what} is no object`);
  return value;
}

export function asList(value: Json | undefined, what: string): readonly Json[] {
  if (!isList(value)) throw new GoldenError(`${what} is no list`);
  return value;
}

export function asText(value: Json | undefined, what: string): string {
  if (typeof value !== "string") throw new GoldenError(`${what} is no text`);
  return value;
}

/** A number; the words "inf", "-inf" and "nan" stand for what JSON cannot write. */
export function asNumber(value: Json | undefined, what: string): number {
  if (typeof value === "number") return value;
  if (value === "inf") return Infinity;
  if (value === "-inf") return -Infinity;
  if (value === "nan") return Number.NaN;
  throw new GoldenError(`${what} is no number`);
}

export function asNumbers(value: Json | undefined, what: string): number[] {
  return asList(value, what).map((item) => asNumber(item, what));
}

export function asTexts(value: Json | undefined, what: string): string[] {
  return asList(value, what).map((item) => asText(item, what));
}
