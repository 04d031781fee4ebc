// How the pages are given files: chosen, or dropped anywhere.
import { element } from "./elements.ts";

/** By name, or by what the system says of it. */
export function isPicture({ type, name }: File): boolean {
  return type.startsWith("image/") || /\.(?:png|jpe?g|webp|gif|bmp|avif)$/i.test(name);
}

/** Hands the files that are chosen in the input with this id to `take`; the same ones may be chosen again. */
export function acceptChosen(id: string, take: (files: readonly File[]) => void): void {
  const input = element(id, HTMLInputElement);
  input.addEventListener("change", () => {
    take([...(input.files ?? [])]);
    input.value = "";
  });
}

/** Hands what is dropped to `take`, at once: its entries can only be had then. While files are over the page, `#drop` is seen. */
export function acceptDropped(take: (dropped: DataTransfer) => void): void {
  const overlay = element("drop", HTMLElement);
  const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    overlay.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) overlay.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    overlay.hidden = true;
    if (!holdsFiles(event) || event.dataTransfer === null) return;
    event.preventDefault();
    take(event.dataTransfer);
  });
}
