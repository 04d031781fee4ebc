// What is to be traced must be a function: said where the mistake is made, not where the function would have been called.
import { TraceError } from "../errors.ts";

/** @throws TraceError for what is no function; `example` shows a call that is right. */
export function checkFunction(subject: string, f: unknown, example: string): void {
  if (typeof f === "function") return;
  throw new TraceError(
    subject,
    `${f === null ? "null" : Array.isArray(f) ? "an array" : typeof f} stands where a function is expected`,
    `pass a function of tensors: ${example}`,
  );
}
