// Files that the user gives, chosen or dropped anywhere on the page: images, weights, names of classes.
import { acceptChosen, acceptDropped, isPicture } from "../../../page/files.ts";

export interface FileEvents {
  image(file: File): void;
  weights(file: File): void;
  names(text: string, file: File): void;
  failed(message: string): void;
}

const largestList = 2 ** 22;

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
  acceptChosen("image-file", ([file]) => file && events.image(file));
  acceptChosen("weights-file", ([file]) => file && events.weights(file));
  acceptChosen("names-file", ([file]) => file && takeNames(file, events));
  acceptDropped(({ files }) => {
    for (const file of files) {
      if (isPicture(file)) events.image(file);
      else if (isList(file)) takeNames(file, events);
      else events.weights(file);
    }
  });
}
