// Names of files in a file from anywhere: they must lie beside it or below.
import { refuse } from "../fault.ts";

const plain = /^[\w.+@=~ -]+(\/[\w.+@=~ -]+)*$/; // no scheme, no root, no escape that an address would resolve

/** @throws FormatError when `name` could lead out of the folder */
export function checkPartName(name: string, source: string): void {
  if (!plain.test(name) || name.split("/").some((part) => /^\.+$/.test(part.trim())))
    refuse(
      source,
      `it names the file ${JSON.stringify(name.slice(0, 200))}, which is not in its folder`,
      "put all parts beside it and name them so",
    );
}
