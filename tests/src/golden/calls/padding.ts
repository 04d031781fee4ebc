// PyTorch's way to say padding: pairs from the last axis backwards, and other names of the modes.
import { type Tensor, at } from "@stria/core";
import { type PaddingMode, padLast } from "@stria/layers";

const modes: Readonly<Record<string, PaddingMode>> = {
  constant: "zeros",
  zeros: "zeros",
  reflect: "reflect",
  replicate: "replicate",
  circular: "circular",
};

/** The library's name of a mode, if it has it. */
export function paddingMode(name: string): PaddingMode | undefined {
  return Object.hasOwn(modes, name) ? modes[name] : undefined;
}

/** PyTorch's pad. Undefined where the mode is not known. */
export function padLastAxes(x: Tensor, padding: readonly number[], mode = "constant", value = 0): Tensor | undefined {
  const known = paddingMode(mode);
  const pairs = Array.from({ length: padding.length / 2 }, (_, pair): [number, number] => [
    at(padding, 2 * pair),
    at(padding, 2 * pair + 1),
  ]);
  return known && padLast(x, pairs.toReversed(), { mode: known, value });
}
