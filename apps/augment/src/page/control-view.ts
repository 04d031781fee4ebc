// A control as elements of the page: labels, sliders and what they are set to.
import type { CheckControl, ChoiceControl, Control, NumberControl, RangeControl, Value } from "../catalogue/control.ts";
import { make } from "../../../page/elements.ts";

type Changed = (value: Value) => void;

let made = 0;

/** A label of its own for an input. */
function labelled(input: HTMLElement, text: string): HTMLLabelElement {
  input.id = `control-${++made}`;
  const label = make("label");
  label.htmlFor = input.id;
  label.textContent = text;
  return label;
}

function slider(
  { least, most, step }: Pick<NumberControl, "least" | "most" | "step">,
  value: number,
  changed: (value: number) => void,
): HTMLInputElement {
  const input = make("input");
  input.type = "range";
  [input.min, input.max, input.step] = [String(least), String(most), String(step)];
  input.value = String(value);
  input.addEventListener("input", () => changed(input.valueAsNumber));
  return input;
}

function numberView(control: NumberControl, value: number, changed: Changed): HTMLElement {
  const [view, output] = [make("div", "control"), make("output")];
  const input = slider(control, value, (now) => {
    output.value = String(now);
    changed(now);
  });
  output.value = String(value);
  view.append(labelled(input, control.label), output, input);
  return view;
}

function rangeView(control: RangeControl, value: readonly [number, number], changed: Changed): HTMLElement {
  const [view, output, label] = [make("div", "control pair-of-sliders"), make("output"), make("span", "label")];
  let [low, high] = value;
  const say = (): void => {
    output.value = `${low} – ${high}`;
  };
  const told = (): void => {
    say();
    changed([low, high]);
  };
  // Neither goes past the other: it takes it along.
  const first: HTMLInputElement = slider(control, low, (now) => {
    low = now;
    if (high < low) [high, second.value] = [low, String(low)];
    told();
  });
  const second: HTMLInputElement = slider(control, high, (now) => {
    high = now;
    if (low > high) [low, first.value] = [high, String(high)];
    told();
  });
  [first.ariaLabel, second.ariaLabel] = [`${control.label}, from`, `${control.label}, to`];
  label.textContent = control.label;
  say();
  view.append(label, output, first, second);
  return view;
}

function choiceView(control: ChoiceControl, value: string, changed: Changed): HTMLElement {
  const [view, select] = [make("div", "control"), make("select")];
  for (const choice of control.choices) select.add(new Option(choice, choice, false, choice === value));
  select.addEventListener("change", () => changed(select.value));
  view.append(labelled(select, control.label), select);
  return view;
}

function checkView(control: CheckControl, value: boolean, changed: Changed): HTMLElement {
  const [view, input] = [make("label", "check"), make("input")];
  input.type = "checkbox";
  input.checked = value;
  input.addEventListener("change", () => changed(input.checked));
  view.append(input, control.label);
  return view;
}

/** The elements of a control that is set to a value. */
export function controlView(control: Control, value: Value | undefined, changed: Changed): HTMLElement {
  switch (control.kind) {
    case "number":
      return numberView(control, typeof value === "number" ? value : control.value, changed);
    case "range": {
      const [low, high]: readonly unknown[] = Array.isArray(value) ? value : control.value;
      const isPair = typeof low === "number" && typeof high === "number";
      return rangeView(control, isPair ? [low, high] : control.value, changed);
    }
    case "choice":
      return choiceView(control, typeof value === "string" ? value : control.value, changed);
    case "check":
      return checkView(control, typeof value === "boolean" ? value : control.value, changed);
  }
}
