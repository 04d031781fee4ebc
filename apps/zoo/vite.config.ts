// The page: built into files that any static folder serves, and served here cross-origin isolated unless STRIA_ISOLATED is 0.
import { type Plugin, defineConfig } from "vite";

/**
 * All that the page needs, and a static folder needs no header for. WebAssembly is compiled from bytes that are made at run time
 * ('wasm-unsafe-eval'), threads start from blobs, and weights come from wherever the user says.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' https:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Only in what is built: while developing, Vite puts styles and its own client into the page. */
const withPolicy: Plugin = {
  name: "content-security-policy",
  apply: "build",
  transformIndexHtml: () => [
    { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: policy }, injectTo: "head-prepend" },
  ],
};

const headers =
  process.env["STRIA_ISOLATED"] === "0"
    ? {}
    : { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

export default defineConfig({
  base: "./",
  plugins: [withPolicy],
  build: { target: "es2022", modulePreload: { polyfill: false } },
  worker: { format: "es" },
  server: { headers, host: "127.0.0.1" },
  preview: { headers, host: "127.0.0.1" },
});
