// Where Chromium is on this machine, and the flags that give it WebGPU without a GPU.
import { existsSync } from "node:fs";

const usual = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** The path of a Chromium or Chrome; `CHROMIUM_PATH` names another. Undefined when there is none. */
export function chromiumPath(): string | undefined {
  const asked = process.env["CHROMIUM_PATH"];
  return (asked === undefined ? usual : [asked]).find((path) => existsSync(path));
}

/**
 * All of the second group is needed: with fewer flags an adapter appears too, but reading a WebGPU canvas returns zeros
 * and then loses the device.
 */
export const chromiumFlags: string[] = [
  "--no-sandbox",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-quic",
  "--disable-sync",

  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
  "--use-angle=swiftshader",
  "--ignore-gpu-blocklist",
];
