// Installs what the lockfile says when that is not done yet, then runs a TypeScript file of the workspace on its sources:
// `node tools/setup.mjs FILE [arguments]`. Plain JavaScript: the Node that starts npm may be too old for TypeScript.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "node_modules", ".bin");
const windows = process.platform === "win32";

install();
const [file, ...args] = process.argv.slice(2);
if (file !== undefined) {
  const env = { ...process.env, PATH: bin + delimiter + process.env.PATH, TURBO_TELEMETRY_DISABLED: "1" };
  const run = spawnSync(modernNode(), ["--conditions=@stria/source", "--disable-warning=ExperimentalWarning", file, ...args], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  process.exitCode = run.status ?? 1;
}

function install() {
  const stamp = join(root, "node_modules", ".stria-installed");
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const run = spawnSync("npx", ["--yes", packageManager, "install", "--frozen-lockfile"], {
    cwd: root,
    encoding: "utf8",
    shell: windows,
  });
  if (run.status !== 0) {
    process.stderr.write(`${run.stdout}${run.stderr}${run.error ?? ""}\ncould not install the dependencies\n`);
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

// Of everything that an installation depends on.
function fingerprint() {
  const hash = createHash("sha256");
  const folders = ["packages", "apps"].flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(parent, name)));
  const manifests = ["", "tests", "bench", "tools", ...folders].map((folder) => join(folder, "package.json"));
  for (const path of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests].map((name) => join(root, name))) {
    if (existsSync(path)) hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

// Node 24 comes with the dependencies where npm has it for this system; elsewhere the user's own must be new enough.
function modernNode() {
  const own = join(bin, "node");
  if (existsSync(own)) return own;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 19)) return process.execPath;
  process.stderr.write(`this needs Node 22.19 or newer (24 is best); found ${process.versions.node}\n`);
  process.exit(1);
}
