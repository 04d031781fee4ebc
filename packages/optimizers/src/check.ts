// Checks of an optimizer's options.
import { AttributeError } from "@stria/core";

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
