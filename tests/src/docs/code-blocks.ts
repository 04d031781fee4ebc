// The code of a page: its fenced blocks, put together to programs as a reader would.

/** A block of a page. */
export interface CodeBlock {
  /** What the fence says: `ts`, `js`, `sh`, ... */
  readonly language: string;
  /** The file that it is, or a part of: what the fence says after the language. */
  readonly file: string | undefined;
  readonly code: string;
  /** The page's line of its first line of code, from 1. */
  readonly line: number;
  /** A comment `<!-- given ... -->` right before the fence: code that a reader has already, and the page does not show. */
  readonly given: string | undefined;
  /** A comment `<!-- not checked: reason -->` right before it: why it stands for itself only. */
  readonly unchecked: string | undefined;
}

/** A program that a page shows in one or more blocks. */
export interface PageProgram {
  /** Line of its first block. */
  readonly line: number;
  /** Each line of code on the line that it has in the page. */
  readonly text: string;
}

const fence =
  /(?:^<!--\s*(?<kind>given|not checked:)\s*(?<words>(?:(?!-->)[\s\S])*)-->\n+)?(?<opening>^```(?<language>\w+)(?: (?<file>\S+))?\n)(?<code>[\s\S]*?)^```$/gm;

/** The fenced blocks of a page, in their order. */
export function codeBlocks(page: string): CodeBlock[] {
  return [...page.matchAll(fence)].map(({ 0: whole, groups = {}, index }) => {
    const { kind, words, opening = "", language = "", file, code = "" } = groups;
    return {
      language,
      file,
      code,
      line: page.slice(0, index + whole.indexOf(opening)).split("\n").length + 1,
      given: kind === "given" ? words : undefined,
      unchecked: kind === "not checked:" ? words?.trim() : undefined,
    };
  });
}

/** The files that a page builds, by name: blocks of one file one after the other. */
export function filesOf(page: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const { file, code } of codeBlocks(page))
    if (file !== undefined) files.set(file, files.has(file) ? `${files.get(file)}\n${code}` : code);
  return files;
}

/**
 * The TypeScript programs of a page, apart from the files that it builds. A block with imports begins a program; one without goes on with the program before it, in a scope of its own; one with
 * `given` stands alone, behind what is given.
 */
export function programsOf(page: string): PageProgram[] {
  const programs: { line: number; lines: string[] }[] = [];
  for (const { language, file, code, line, given, unchecked } of codeBlocks(page)) {
    if (language !== "ts" || file !== undefined || unchecked !== undefined) continue;
    const last = programs.at(-1);
    const isNew = given !== undefined || /^import /m.test(code) || last === undefined;
    const { lines } = isNew ? { lines: [] as string[] } : last;
    if (isNew) programs.push({ line, lines });
    while (lines.length < line - 1) lines.push("");
    const before = [given?.trim().replaceAll("\n", " ") ?? "", isNew ? "" : "{"].join("");
    lines[line - 2] = `${lines[line - 2] ?? ""}${before}`;
    lines.push(...code.trimEnd().split("\n"), isNew ? "" : "}");
  }
  return programs.map(({ line, lines }) => ({ line, text: `${lines.join("\n")}\nexport {};\n` }));
}
