// SHA-256 by the platform.
import { StriaError } from "@stria/core";

/** The SHA-256 of `bytes`, in lower-case hexadecimal. @throws StriaError in a page that is not served securely, which has no Web Crypto */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  // The types promise what a page served by plain http lacks.
  const crypto: unknown = Reflect.get(globalThis, "crypto");
  if (typeof crypto !== "object" || crypto === null || Reflect.get(crypto, "subtle") === undefined)
    throw new StriaError(
      "sha256",
      "this page has no Web Crypto, so files cannot be verified",
      "serve the page over https, or from localhost",
    );
  const digest = await globalThis.crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
