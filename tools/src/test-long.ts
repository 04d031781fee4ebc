// `npm run test:long`: the tests that take minutes, one file after the other, so that executors do not share the processors. A whole run
// writes its report, docs/test-long.md; `npm run test:long -- soak` runs the files so named and writes none.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build, root } from "./command.ts";

// Some open a built app.
await build();
const filters = process.argv.slice(2);
const reporters = ["tree", "./tools/src/vitest/plain-reporter.ts"];
if (filters.length === 0) reporters.push("./tools/src/vitest/report-file.ts");
const args = ["run", "--project", "long", "--no-file-parallelism", ...reporters.map((name) => `--reporter=${name}`)];
const { status } = spawnSync(join(root, "node_modules", ".bin", "vitest"), [...args, ...filters], {
  cwd: root,
  stdio: "inherit",
  shell: process.platform === "win32",
});
process.exitCode = status ?? 1;
