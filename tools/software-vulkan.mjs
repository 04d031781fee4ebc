// Lets the `webgpu` package of Node find the software Vulkan driver that Debian's Chromium brings.
import { existsSync } from "node:fs";

const driver = "/usr/lib/chromium/vk_swiftshader_icd.json";

/**
 * Environment variables for a process that opens a WebGPU device in Node; empty where the driver is absent.
 * @returns {Record<string, string>}
 */
export function softwareVulkan() {
  // XDG_RUNTIME_DIR only keeps the driver from complaining that it is not set.
  return existsSync(driver) ? { VK_ICD_FILENAMES: driver, XDG_RUNTIME_DIR: "/tmp" } : {};
}
