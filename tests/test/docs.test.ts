// The code that the documentation shows: type-checked, all of it, and run where that is quick. What a line says it prints, it prints.
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { codeBlocks, filesOf, programsOf } from "../src/docs/code-blocks.ts";
import { pages, readPage, root, writePrograms } from "../src/docs/pages.ts";

const execute = promisify(execFile);

/** Runs a command; what it printed, and whether it ended well. */
async function outputOf(command: string, ...args: readonly string[]): Promise<{ text: string; failed: boolean }> {
  try {
    const { stdout, stderr } = await execute(command, args, { cwd: join(root, "tests") });
    return { text: stdout + stderr, failed: false };
  } catch (error) {
    const parts = ["stdout", "stderr"].map((name) => String(Reflect.get(Object(error), name) ?? ""));
    return { text: `${parts.join("")}${parts.join("") === "" ? String(error) : ""}`, failed: true };
  }
}

/** The README's examples learn MNIST; here, a few drawn digits for an epoch. */
function quick(text: string): string {
  return text
    .replace(/import \{(.*)\bmnist\b(.*)\} from "@stria\/data";/, 'import {$1digits$2} from "@stria/data";')
    .replace(
      /await mnist\((\{.*\})?\)/,
      (_, options: string = "{}") => `digits({ train: 256, test: 64, ...${options} })`,
    )
    .replace(/epochs: \d+/, "epochs: 1");
}

/** What a program is to print: the comments of its lines that begin with `// prints `. */
function promised(text: string): string[] {
  return [...text.matchAll(/\/\/ prints (.*)$/gm)].map(([, words = ""]) => words.trim());
}

/** Pages whose programs are run, and how many there are. Others want a device, a network or the reader's own files. */
const run: Readonly<Record<string, number>> = {
  "README.md": 1,
  "docs/custom-op.md": 3,
  "docs/custom-layer.md": 2,
  "packages/core/README.md": 1,
  "packages/layers/README.md": 3,
  "packages/training/README.md": 2,
  "packages/augmentation/README.md": 5,
  "packages/data/README.md": 7,
  "packages/datasets/README.md": 4,
  "packages/images/README.md": 1,
  "packages/backend-cpu/README.md": 1,
  "packages/backend-testkit/README.md": 2,
  "packages/zoo/README.md": 1,
};

describe("the code of the pages", () => {
  it("is type-checked", async () => {
    const { folder, programs } = writePrograms("docs-types");
    expect(programs.length).toBeGreaterThan(20);
    const config = join(folder, "tsconfig.json");
    writeFileSync(
      config,
      JSON.stringify({
        extends: "../../../tsconfig.check.json",
        compilerOptions: { checkJs: false, paths: { "@stria/onnx": ["../../../packages/onnx/src/index.ts"] } },
        // With what packages declare of libraries that have no types.
        include: ["*/*", "../../../packages/*/src/**/*.d.ts"],
        exclude: [],
      }),
    );
    const { text } = await outputOf(join(root, "node_modules/.bin/tsc"), "--project", config);
    // Folders bear the names of the pages; the lines of programs are the page's.
    expect(text).toBe("");
  });

  it("is left out where a page says why, and nowhere else", () => {
    const left = pages().flatMap((page) =>
      codeBlocks(readPage(page)).flatMap(({ unchecked }) => (unchecked === undefined ? [] : [`${page}: ${unchecked}`])),
    );
    expect(left).toEqual(["packages/backend-testkit/README.md: the reader's own file"]);
  });

  const { programs } = writePrograms("docs-run", quick);
  const chosen = Object.entries(run).flatMap(([page, count]) =>
    programs.filter((program) => program.page === page).slice(0, count),
  );

  it("is there to be run", () => {
    const found = Object.keys(run).map((page) => [page, chosen.filter((program) => program.page === page).length]);
    expect(Object.fromEntries(found)).toEqual(run);
  });

  it.each(chosen.map((program) => [`${program.page}, line ${program.line}`, program] as const))(
    "runs: %s",
    async (_, { file, text }) => {
      const { text: printed, failed } = await outputOf(process.execPath, "--conditions=@stria/source", file);
      expect(failed ? printed : "").toBe("");
      const lines = printed.split("\n").map((line) => line.trim());
      let from = 0;
      for (const words of promised(text)) {
        const place = lines.indexOf(words, from);
        if (place < 0) throw new Error(`"${words}" is not printed, in its turn, in:\n${printed}`);
        from = place + 1;
      }
    },
  );
});

describe("links of the pages", () => {
  /** The anchors of a page's headings, as GitHub makes them. */
  const anchors = (path: string): string[] =>
    [...readFileSync(path, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s-]/gu, "")
        .replaceAll(" ", "-"),
    );

  it("lead to files and headings that there are", () => {
    const broken = pages().flatMap((page) =>
      [...readPage(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].flatMap(
        ([link, path = "", anchor]) => {
          const target = path === "" ? join(root, page) : join(root, dirname(page), path);
          if (!existsSync(target)) return [`${page}: ${link}`];
          return anchor === undefined || anchors(target).includes(anchor) ? [] : [`${page}: ${link}`];
        },
      ),
    );
    expect(broken).toEqual([]);
  });
});

describe("the reader of pages", () => {
  const page = [
    "# Page",
    "```ts",
    'import { a } from "b";',
    "```",
    "text",
    "```ts",
    "const c = a;",
    "```",
    "<!-- given",
    "declare const d: number;",
    "-->",
    "",
    "```ts",
    "d + 1;",
    "```",
    "```js part.js",
    "one;",
    "```",
    "```js part.js",
    "two;",
    "```",
    "<!-- not checked: because -->",
    "```ts",
    "nonsense",
    "```",
  ].join("\n");

  it("joins blocks without imports to the program before, and keeps the page's lines", () => {
    const [first, second, ...more] = programsOf(page);
    expect(more).toEqual([]);
    expect(first?.text.split("\n").slice(0, 8)).toEqual([
      "",
      "",
      'import { a } from "b";',
      "",
      "",
      "{",
      "const c = a;",
      "}",
    ]);
    expect(second?.line).toBe(14);
    expect(second?.text.split("\n").slice(12, 14)).toEqual(["declare const d: number;", "d + 1;"]);
  });

  it("knows what is said before a block, and only there", () => {
    expect(codeBlocks(page).map(({ language, line, unchecked }) => [language, line, unchecked])).toEqual([
      ["ts", 3, undefined],
      ["ts", 7, undefined],
      ["ts", 14, undefined],
      ["js", 17, undefined],
      ["js", 20, undefined],
      ["ts", 24, "because"],
    ]);
    expect([...filesOf(page)]).toEqual([["part.js", "one;\n\ntwo;\n"]]);
  });
});
