// How strong each operation is at each step of the scale of a policy.
import { AttributeError } from "@stria/core";
import type { Canvas } from "../parts.ts";
import type { OperationName } from "./operations.ts";

/** The policies of automatic augmentation. */
export type PolicyKind = "randAugment" | "trivialAugment" | "autoAugment" | "augMix";

/** Equal steps from `first` to `last` in float32, from both ends, as PyTorch makes them. */
function steps(first: number, last: number, bins: number): Float32Array {
  const step = Math.fround(Math.fround(last - first) / (bins - 1));
  return Float32Array.from({ length: bins }, (_, i) =>
    i < Math.floor(bins / 2) ? first + step * i : last - step * (bins - 1 - i),
  );
}

/** Bits that fall from `first` by `range`, rounded to whole ones, halves to even. */
function bits(first: number, range: number, bins: number): Float32Array {
  return Float32Array.from({ length: bins }, (_, i) => {
    const value = Math.fround(first - Math.fround(i / Math.fround((bins - 1) / range)));
    const down = Math.floor(value);
    return value - down === 0.5 ? down + (down % 2) : Math.round(value);
  });
}

/** The strongest magnitude, given the image; nothing for an operation without. */
type Scale = (bins: number, canvas: Canvas) => Float32Array;

const upTo =
  (last: number): Scale =>
  (bins) =>
    steps(0, last, bins);
const along =
  (share: number, side: keyof Canvas): Scale =>
  (bins, canvas) =>
    steps(0, share * canvas[side], bins);

interface Ends {
  readonly shear: number;
  readonly across: Scale;
  readonly down: Scale;
  readonly degrees: number;
  readonly colour: number;
  readonly bits: readonly [first: number, range: number];
}

function scales(ends: Ends): Partial<Record<OperationName, Scale>> {
  const [shear, colour] = [upTo(ends.shear), upTo(ends.colour)];
  return {
    ShearX: shear,
    ShearY: shear,
    TranslateX: ends.across,
    TranslateY: ends.down,
    Rotate: upTo(ends.degrees),
    Brightness: colour,
    Color: colour,
    Contrast: colour,
    Sharpness: colour,
    Posterize: (bins) => bits(...ends.bits, bins),
    Solarize: (bins) => steps(1, 0, bins),
  };
}

const usual = { shear: 0.3, degrees: 30, colour: 0.9, bits: [8, 4] } as const;
const tables: Readonly<Record<PolicyKind, Partial<Record<OperationName, Scale>>>> = {
  randAugment: scales({ ...usual, across: along(150 / 331, "width"), down: along(150 / 331, "height") }),
  autoAugment: scales({ ...usual, across: along(150 / 331, "width"), down: along(150 / 331, "height") }),
  augMix: scales({ ...usual, bits: [4, 4], across: along(1 / 3, "width"), down: along(1 / 3, "height") }),
  trivialAugment: scales({ shear: 0.99, degrees: 135, colour: 0.99, bits: [8, 6], across: upTo(32), down: upTo(32) }),
};

const moving: readonly OperationName[] = ["ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"];
const colour: readonly OperationName[] = ["Brightness", "Color", "Contrast", "Sharpness"];
const levels: readonly OperationName[] = ["Posterize", "Solarize", "AutoContrast", "Equalize"];

/** The operations that a policy chooses from. */
export const operationsOf: Readonly<Record<PolicyKind, readonly OperationName[]>> = {
  randAugment: ["Identity", ...moving, ...colour, ...levels],
  trivialAugment: ["Identity", ...moving, ...colour, ...levels],
  autoAugment: [...moving, ...colour, ...levels, "Invert"],
  augMix: [...moving, ...levels, ...colour],
};

/** Whether a coin turns an operation's sign. */
export function isSigned(name: OperationName): boolean {
  return moving.includes(name) || colour.includes(name);
}

/** The magnitudes of an operation, weakest first, or nothing where it has none. @throws AttributeError for less than two of them */
export function magnitudesOf(
  kind: PolicyKind,
  name: OperationName,
  bins: number,
  canvas: Canvas,
): Float32Array | undefined {
  if (!Number.isSafeInteger(bins) || bins < 2)
    throw new AttributeError(kind, `${bins} magnitudes`, "use a whole number from 2");
  return tables[kind][name]?.(bins, canvas);
}
