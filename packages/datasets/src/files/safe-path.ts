// Paths that a file names: an annotation, a list, an archive. They may lead nowhere but below the folder.
import { FormatError } from "@stria/core";

/** `path` with `/` between its parts. @throws FormatError for one that is absolute, empty, or leads out of the folder; `where` is the file that names it */
export function safePath(path: string, where: string): string {
  const parts = path.replaceAll("\\", "/").split("/");
  const isAbsolute = parts[0] === "" || /^[a-z]:$/i.test(parts[0] ?? "");
  if (path === "" || isAbsolute || parts.includes("..") || path.includes("\0"))
    throw new FormatError(
      where,
      `it names the file ${JSON.stringify(path)}, which is outside of the folder`,
      "do not use it, or correct the name",
    );
  return parts.filter((part) => part !== "" && part !== ".").join("/");
}
