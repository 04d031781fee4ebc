// The page: built into files that any static folder serves.
import { defineConfig } from "vite";
import { builtPage } from "../page/built-page.ts";

/** All that the page needs, and a static folder needs no header for: it fetches nothing. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
];

export default defineConfig(builtPage(policy));
