// Where Firefox is on this machine.
import { existsSync } from "node:fs";

const usual = [
  "/usr/bin/firefox-esr",
  "/usr/bin/firefox",
  "/Applications/Firefox.app/Contents/MacOS/firefox",
  "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
];

/** The path of a stock Firefox; `FIREFOX_PATH` names another. Undefined when there is none. */
export function firefoxPath(): string | undefined {
  const asked = process.env["FIREFOX_PATH"];
  return (asked === undefined ? usual : [asked]).find((path) => existsSync(path));
}
