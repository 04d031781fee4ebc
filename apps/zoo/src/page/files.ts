// Files that the user gives, chosen or dropped anywhere on the page: images, weights, names of classes.
import { element } from "../../../page/elements.ts";

export interface FileEvents {
  image(file: File): void;
  weights(file: File): void;
  names(text: string, file: File): void;
  failed(message: string): void;
}

const largestList = 2 ** 22;

function isImage({ type, name }: File): boolean {
  return type.startsWith("image/") || /\.(?:png|jpe?g|webp|gif|bmp|avif)$/i.test(name);
}

function isList({ type, name }: File): boolean {
  return /^text\/|json$/.test(type) || /\.(?:txt|json)$/i.test(name);
}

function takeNames(file: File, events: FileEvents): void {
  if (file.size > largestList) return events.failed(`${file.name} is too long for a list of names.`);
  file.text().then(
    (text) => events.names(text, file),
    () => events.failed(`${file.name} cannot be read.`),
  );
}

export function acceptFiles(events: FileEvents): void {
  const inputs: Readonly<Record<string, (file: File) => void>> = {
    "image-file": (file) => events.image(file),
    "weights-file": (file) => events.weights(file),
    "names-file": (file) => takeNames(file, events),
  };
  for (const [id, take] of Object.entries(inputs)) {
    const input = element(id, HTMLInputElement);
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      if (file !== undefined) take(file);
      input.value = "";
    });
  }
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
    if (!holdsFiles(event)) return;
    event.preventDefault();
    for (const file of event.dataTransfer?.files ?? []) {
      if (isImage(file)) events.image(file);
      else if (isList(file)) takeNames(file, events);
      else events.weights(file);
    }
  });
}
