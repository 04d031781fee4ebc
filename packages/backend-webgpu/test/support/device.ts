// The backend under test. Where no GPU can be opened, tests are skipped with the reason in their name, and fail in CI.
import type { Backend } from "@stria/core";
import { webgpu } from "@stria/backend-webgpu";

export async function openOrReason(): Promise<{ readonly backend: Backend } | { readonly reason: string }> {
  try {
    return { backend: await webgpu() };
  } catch (error) {
    const required = "process" in globalThis && process.env["CI"] === "true";
    if (required) throw error;
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
