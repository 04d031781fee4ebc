// How the pages are built: into files that any static folder serves.
import type { Plugin, UserConfig } from "vite";

/** Content security policy of the built page; while developing, Vite puts styles and its own client into it. */
function withPolicy(directives: readonly string[]): Plugin {
  const content = [...directives, "base-uri 'none'", "form-action 'none'"].join("; ");
  return {
    name: "content-security-policy",
    apply: "build",
    transformIndexHtml: () => [
      { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content }, injectTo: "head-prepend" },
    ],
  };
}

/** A page that may do what `directives` allow, served here on this machine alone with `headers`. */
export function builtPage(directives: readonly string[], headers: Record<string, string> = {}): UserConfig {
  return {
    base: "./",
    plugins: [withPolicy(directives)],
    build: { target: "es2022", modulePreload: { polyfill: false } },
    worker: { format: "es" },
    server: { headers, host: "127.0.0.1" },
    preview: { headers, host: "127.0.0.1" },
  };
}

/** Headers of a cross-origin isolated page, whose threads share memory; none where STRIA_ISOLATED is 0. */
export const isolated: Record<string, string> =
  process.env["STRIA_ISOLATED"] === "0"
    ? {}
    : { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
