// What an argument of a layer may be: each kind turns a value of the text into the type that layers take, or says what it wanted.

/** A value as it stands in the text. */
export type Value = number | string | boolean | Entry | readonly Value[];

/** One layer of a list. */
export interface Entry {
  readonly name: string;
  readonly arguments: Readonly<Record<string, Value>>;
  /** Where it stands, and how it is written. */
  readonly line: number;
  readonly text: string;
}

export const activationNames = [
  "identity",
  "relu",
  "sigmoid",
  "tanh",
  "leakyRelu",
  "elu",
  "selu",
  "gelu",
  "silu",
  "mish",
  "softplus",
  "hardSwish",
] as const;

export type ActivationName = (typeof activationNames)[number];

export interface KindTypes {
  count: number;
  perAxis: number | readonly number[];
  padding: number | readonly number[] | "same" | "valid";
  border: number | readonly number[];
  share: number;
  number: number;
  flag: boolean;
  activation: ActivationName;
  counts: readonly number[];
  layers: readonly Entry[];
  branches: readonly (readonly Entry[])[];
}

export type Kind = keyof KindTypes;

/** No net of a playground needs more, and no typing error fills the memory. */
const most = 4096;

const isCount = (value: Value, least: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;

const isArray = (value: Value): value is readonly Value[] => Array.isArray(value);

const isPair = (value: Value, least: number): value is readonly number[] =>
  isArray(value) && value.length === 2 && value.every((item) => isCount(item, least));

const isEntry = (value: Value): value is Entry => typeof value === "object" && !isArray(value);

const isLayers = (value: Value): value is readonly Entry[] =>
  isArray(value) && value.length > 0 && value.every(isEntry);

const isActivation = (value: Value): value is ActivationName => activationNames.some((name) => name === value);

interface Reader<Type> {
  readonly is: (value: Value) => value is Value & Type;
  /** Completes "... must be". */
  readonly wanted: string;
}

export const readers: { readonly [K in Kind]: Reader<KindTypes[K]> } = {
  count: { is: (value): value is number => isCount(value, 1), wanted: `a whole number from 1 to ${most}` },
  perAxis: {
    is: (value): value is number | readonly number[] => isCount(value, 1) || isPair(value, 1),
    wanted: "a whole number from 1, or two of them, [height, width]",
  },
  padding: {
    is: (value): value is number | readonly number[] | "same" | "valid" =>
      isCount(value, 0) || isPair(value, 0) || value === "same" || value === "valid",
    wanted: 'a whole number from 0, two of them, "same" or "valid"',
  },
  border: {
    is: (value): value is number | readonly number[] => isCount(value, 0) || isPair(value, 0),
    wanted: "a whole number from 0, or two of them, [height, width]",
  },
  share: {
    is: (value): value is number => typeof value === "number" && value >= 0 && value < 1,
    wanted: "a number from 0 to below 1",
  },
  number: { is: (value): value is number => typeof value === "number" && Number.isFinite(value), wanted: "a number" },
  flag: { is: (value): value is boolean => typeof value === "boolean", wanted: "true or false" },
  activation: { is: isActivation, wanted: `one of ${activationNames.map((name) => `"${name}"`).join(", ")}` },
  counts: {
    is: (value): value is readonly number[] =>
      isArray(value) && value.length > 0 && value.every((item) => isCount(item, 1)),
    wanted: "a list of whole numbers from 1, such as [1, 2, 4]",
  },
  layers: { is: isLayers, wanted: "a list of layers, [conv2d(16, 3, padding=1), ...]" },
  branches: {
    is: (value): value is readonly (readonly Entry[])[] => isArray(value) && value.length > 0 && value.every(isLayers),
    wanted: "lists of layers, [[conv2d(8, 1)], [conv2d(8, 3, padding=1)]]",
  },
};
