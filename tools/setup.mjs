// Installs what the lockfile says when that is not done yet, then runs a file of the workspace on its sources, or a tool:
// `node tools/setup.mjs FILE.ts|TOOL [arguments]`. Plain JavaScript: the Node that starts npm may be too old for more.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { softwareVulkan } from "./software-vulkan.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "node_modules", ".bin");
const shell = process.platform === "win32";

install();
const [program, ...args] = process.argv.slice(2);
if (program !== undefined) {
  const line = program.endsWith(".ts")
    ? [modernNode(), "--conditions=@stria/source", "--disable-warning=ExperimentalWarning", program, ...args]
    : [program, ...args];
  const env = {
    ...process.env,
    ...softwareVulkan(),
    PATH: bin + delimiter + process.env["PATH"],
    TURBO_TELEMETRY_DISABLED: "1",
    // A program that was compiled and stripped of its types before starts in half the time.
    NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? join(root, "node_modules", ".cache", "node"),
  };
  process.on("SIGINT", () => {}); // Ctrl-C reaches the program too: what it makes of it is waited for
  const run = spawnSync(line[0] ?? "", line.slice(1), { cwd: root, env, stdio: "inherit", shell });
  process.exitCode = run.status ?? 1;
}

function install() {
  const stamp = join(root, "node_modules", ".stria-installed");
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const manifest = /** @type {{ packageManager: string }} */ (
    JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  );
  const line = ["--yes", manifest.packageManager, "install", "--frozen-lockfile"];
  const run = spawnSync("npx", line, { cwd: root, encoding: "utf8", shell });
  if (run.status !== 0) {
    process.stderr.write(`${run.stdout}${run.stderr}${run.error ?? ""}\nThe dependencies could not be installed.\n`);
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

/** A hash of everything that decides what is installed. */
function fingerprint() {
  const hash = createHash("sha256");
  const inside = ["packages", "apps"].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(group, name)),
  );
  const manifests = [".", "examples", "tests", "bench", "tools", ...inside].map((folder) =>
    join(folder, "package.json"),
  );
  for (const path of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests].map((name) => join(root, name))) {
    if (existsSync(path)) hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

/** Node 24 comes with the dependencies where npm has it for this system; elsewhere the user's own must be new enough. */
function modernNode() {
  const own = join(bin, "node");
  if (existsSync(own)) return own;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 19)) return process.execPath;
  process.stderr.write(`This needs Node 22.19 or newer (24 is best); this is ${process.versions.node}.\n`);
  process.exit(1);
}
