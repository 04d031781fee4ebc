// `npm run test:firefox`: the CPU and ONNX backends on pages in stock Firefox, isolated and not. Arguments go to vitest.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./command.ts";
import { firefoxPath } from "./firefox.ts";

if (firefoxPath() === undefined) {
  process.stderr.write(
    "Firefox is missing: install it (Debian: apt-get install firefox-esr), or name one in FIREFOX_PATH\n",
  );
  process.exit(1);
}
const args = ["run", "--project", "firefox", "--project", "plain-firefox", ...process.argv.slice(2)];
const { status } = spawnSync(join(root, "node_modules", ".bin", "vitest"), args, {
  cwd: root,
  stdio: "inherit",
  shell: process.platform === "win32",
});
process.exitCode = status ?? 1;
