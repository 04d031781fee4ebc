// A button for each of the pictures that come with the app.
import { element, make } from "../../../page/elements.ts";

const samples: readonly (readonly [name: string, label: string])[] = [
  ["ship", "Ship"],
  ["airplane", "Airplane"],
  ["truck", "Truck"],
  ["digit", "Digit 7"],
];

export function addSampleButtons(chosen: (name: string) => void): void {
  element("samples", HTMLElement).append(
    ...samples.map(([name, label]) => {
      const button = make("button", "button quiet");
      button.type = "button";
      button.textContent = label;
      button.addEventListener("click", () => chosen(name));
      return button;
    }),
  );
}
