// The page: built into files that any static folder serves, and served here cross-origin isolated unless STRIA_ISOLATED is 0.
import { defineConfig } from "vite";
import { builtPage, isolated } from "../page/built-page.ts";

/**
 * All that the page needs, and a static folder needs no header for. WebAssembly is compiled from bytes that are made at run time
 * ('wasm-unsafe-eval'), threads start from blobs, and MNIST comes from its two public addresses.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' https://ossci-datasets.s3.amazonaws.com https://storage.googleapis.com",
];

export default defineConfig(builtPage(policy, isolated));
