// JSON of files from anywhere: parsed without trust, and read with errors that name the layer.
import { refuse } from "../../fault.ts";

/** A value of a JSON file. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** An object of a JSON file. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Keras' models are a few levels deep; recursion over a config must not exhaust the stack. */
const deepest = 200;

/** Whether `value` is an object, not a list. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether `value` is a list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The entry `key` of an object; undefined where there is none, or where `value` is no object. */
export function entry(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A text, or undefined. */
export function textOf(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function depthOf(text: string): number {
  let [depth, most, inText] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inText) {
      if (character === "\\") at++;
      else if (character === '"') inText = false;
    } else if (character === '"') inText = true;
    else if (character === "{" || character === "[") most = Math.max(most, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return most;
}

/** Parses JSON. @throws FormatError for what is none, or is nested beyond any model */
export function parseJson(text: string, source: string, what: string): Json {
  if (depthOf(text) > deepest) refuse(source, `${what} is nested more than ${deepest} levels deep`);
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    return refuse(source, `${what} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
