// Files that the user gives, chosen or dropped anywhere on the page: an image, its mask, its boxes.
import { acceptChosen, acceptDropped, isPicture } from "../../../page/files.ts";

export interface FileEvents {
  image(file: File): void;
  mask(file: File): void;
  boxes(file: File): void;
}

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
  acceptChosen("image-file", (files) => takeAll(files, events));
  acceptChosen("mask-file", ([file]) => file && events.mask(file));
  acceptChosen("boxes-file", ([file]) => file && events.boxes(file));
  acceptDropped(({ files }) => takeAll([...files], events));
}
