// Checks of the options of optimizers and schedules.
import { AttributeError } from "@stria/core";

/** The options, when they are there. @throws AttributeError for what is no object; `example` is in the remedy. */
export function optionsOf<Options extends object>(name: string, options: Options, example: string): Options {
  const given: unknown = options; // what JavaScript may pass
  if (typeof given !== "object" || given === null)
    throw new AttributeError(
      name,
      given === undefined ? "the options are missing" : `the options are ${given === null ? "null" : typeof given}`,
      `pass ${example}`,
    );
  return options;
}

/** @throws AttributeError when `list` is no array; `remedy` says what to pass. */
export function checkList(name: string, what: string, list: unknown, remedy: string): void {
  if (!Array.isArray(list))
    throw new AttributeError(name, `${what} is ${list === null ? "null" : typeof list}`, remedy);
}

/** @throws AttributeError when `f` is no function; `remedy` says what to pass. */
export function checkFunction(name: string, what: string, f: unknown, remedy: string): void {
  if (typeof f !== "function") throw new AttributeError(name, `${what} is ${f === null ? "null" : typeof f}`, remedy);
}

/** @throws AttributeError when an option is not a finite number >= 0. */
export function checkNotNegative(name: string, options: Readonly<Record<string, number>>): void {
  for (const [option, value] of Object.entries(options))
    if (!(Number.isFinite(value) && value >= 0))
      throw new AttributeError(name, `${option} is ${String(value)}`, "use a finite number >= 0");
}

/** @throws AttributeError when a coefficient is not in [0, 1). */
export function checkShares(name: string, options: Readonly<Record<string, number>>): void {
  for (const [option, value] of Object.entries(options))
    if (!(Number.isFinite(value) && value >= 0 && value < 1))
      throw new AttributeError(name, `${option} is ${String(value)}`, "use a number >= 0 and < 1");
}

/** @throws AttributeError when an option is not a finite number. */
export function checkFinite(name: string, options: Readonly<Record<string, number>>): void {
  for (const [option, value] of Object.entries(options))
    if (!Number.isFinite(value)) throw new AttributeError(name, `${option} is ${String(value)}`, "use a finite number");
}
