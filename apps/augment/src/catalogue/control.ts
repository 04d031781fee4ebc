// What can be set of a transform, as data: from it the page makes sliders, and values that come from outside are brought into range.

export interface NumberControl {
  readonly kind: "number";
  readonly label: string;
  readonly least: number;
  readonly most: number;
  readonly step: number;
  readonly value: number;
}

export interface RangeControl extends Omit<NumberControl, "kind" | "value"> {
  readonly kind: "range";
  readonly value: readonly [low: number, high: number];
}

export interface ChoiceControl<Choice extends string = string> {
  readonly kind: "choice";
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly value: Choice;
}

export interface CheckControl {
  readonly kind: "check";
  readonly label: string;
  readonly value: boolean;
}

export type Control = NumberControl | RangeControl | ChoiceControl | CheckControl;
export type Controls = Readonly<Record<string, Control>>;

/** What a control can be set to. */
export type Value = number | readonly [low: number, high: number] | string | boolean;
export type Values = Readonly<Record<string, Value>>;

/** The values of controls, by their names. */
export type ValuesOf<Own extends Controls> = {
  readonly [Name in keyof Own]: Own[Name] extends NumberControl
    ? number
    : Own[Name] extends RangeControl
      ? readonly [low: number, high: number]
      : Own[Name] extends ChoiceControl<infer Choice>
        ? Choice
        : boolean;
};

/** A slider. */
export function number(
  label: string,
  value: number,
  [least, most]: readonly [number, number],
  step: number = 1,
): NumberControl {
  return { kind: "number", label, value, least, most, step };
}

/** Two sliders: from, and to. */
export function range(
  label: string,
  value: readonly [low: number, high: number],
  [least, most]: readonly [number, number],
  step: number = 1,
): RangeControl {
  return { kind: "range", label, value, least, most, step };
}

/** One of several. */
export function choice<const Choice extends string>(
  label: string,
  choices: readonly [Choice, ...Choice[]],
): ChoiceControl<Choice> {
  return { kind: "choice", label, choices, value: choices[0] };
}

/** Yes or no. */
export function check(label: string, value: boolean): CheckControl {
  return { kind: "check", label, value };
}

/** A slider from 0 to 1 for how likely it is. */
export function chance(value: number): NumberControl {
  return number("probability", value, [0, 1], 0.05);
}

function within(
  { least, most, step }: Omit<NumberControl, "kind" | "value">,
  found: unknown,
  otherwise: number,
): number {
  if (typeof found !== "number" || !Number.isFinite(found)) return otherwise;
  const steps = Math.round((Math.min(Math.max(found, least), most) - least) / step);
  // Without the digits that binary fractions leave behind.
  return Number((least + steps * step).toFixed(6));
}

function valueOf(control: Control, found: unknown): Value {
  switch (control.kind) {
    case "number":
      return within(control, found, control.value);
    case "range": {
      const [low, high]: readonly unknown[] = Array.isArray(found) ? found : control.value;
      const first = within(control, low, control.value[0]);
      return [first, Math.max(first, within(control, high, control.value[1]))];
    }
    case "choice":
      return control.choices.find((one) => one === found) ?? control.value;
    case "check":
      return typeof found === "boolean" ? found : control.value;
  }
}

/** Values for all controls: those given, where they can be, in range. */
export function valuesOf<Own extends Controls>(controls: Own, given: Values): ValuesOf<Own>;
export function valuesOf(controls: Controls, given: Values): Values {
  return Object.fromEntries(Object.entries(controls).map(([name, control]) => [name, valueOf(control, given[name])]));
}
