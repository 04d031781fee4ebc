// Files that the user gives, chosen or dropped anywhere on the page: an image, its mask, its boxes.
import { element } from "../../../page/elements.ts";

export interface FileEvents {
  image(file: File): void;
  mask(file: File): void;
  boxes(file: File): void;
}

const isPicture = ({ type, name }: File): boolean =>
  type.startsWith("image/") || /\.(?:png|jpe?g|webp|gif|bmp|avif)$/i.test(name);
/** What masks are usually called. */
const isMask = ({ name }: File): boolean => /mask|label|segm|annotation|_gt\b/i.test(name);

/** Of several pictures, the one that is called a mask, or else the second, is the mask of the first. */
function takeAll(files: readonly File[], events: FileEvents): void {
  const pictures = files.filter(isPicture);
  const mask = pictures.find(isMask) ?? pictures[1];
  const image = pictures.find((file) => file !== mask);
  if (image) events.image(image);
  if (mask) events.mask(mask);
  for (const file of files) if (!isPicture(file)) events.boxes(file);
}

export function acceptFiles(events: FileEvents): void {
  const inputs: Readonly<Record<string, (files: readonly File[]) => void>> = {
    "image-file": (files) => takeAll(files, events),
    "mask-file": ([file]) => file && events.mask(file),
    "boxes-file": ([file]) => file && events.boxes(file),
  };
  for (const [id, take] of Object.entries(inputs)) {
    const input = element(id, HTMLInputElement);
    input.addEventListener("change", () => {
      take([...(input.files ?? [])]);
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
    takeAll([...(event.dataTransfer?.files ?? [])], events);
  });
}
