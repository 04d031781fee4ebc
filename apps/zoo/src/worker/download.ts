// Weights from an address: fetched with its progress told, and compared with their published hash before anything is made of them.
import { Refusal } from "./refusal.ts";

const largest = 2 ** 30;
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** GitHub lets pages of others read its files at another address than the one that it shows. */
function readable(url: string): string {
  return url.replace(/^https:\/\/github\.com\/([^/]+\/[^/]+)\/(?:raw|blob)\//, "https://raw.githubusercontent.com/$1/");
}

async function fetched(url: string): Promise<Response> {
  try {
    const response = await fetch(readable(url), { credentials: "omit", redirect: "follow" });
    if (!response.ok) throw new Refusal(`${url} answers ${response.status}. Check the address.`);
    return response;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(
      `${url} cannot be fetched from this page: it is out of reach, or its server lets no other page read it. Download the file yourself and drop it here.`,
      { cause: error },
    );
  }
}

async function bytesOf(response: Response, note: (text: string) => void): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  const expected = Number(response.headers.get("Content-Length"));
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const next = await reader?.read();
    if (next === undefined || next.done) break;
    parts.push(next.value);
    length += next.value.length;
    if (length > largest) throw new Refusal(`${response.url} is longer than ${megabytes(largest)} MB.`);
    note(`Fetching: ${megabytes(length)} ${expected > 0 ? `of ${megabytes(expected)} ` : ""}MB`);
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

/** SHA-256 in hexadecimal digits. */
export async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The bytes at an address; `sha256`, where it is known, is the hash or its first digits.
 * @throws Refusal where they cannot be had, or are not what was published.
 */
export async function downloaded(
  url: string,
  sha256: string | undefined,
  note: (text: string) => void,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; name: string }> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Refusal(`"${url}" is no address. Give one that begins with https://.`);
  const bytes = await bytesOf(await fetched(url), note);
  const name = decodeURIComponent(new URL(url).pathname.split("/").at(-1) ?? "") || url;
  if (sha256 !== undefined) {
    const found = await hashOf(bytes);
    if (!found.startsWith(sha256.toLowerCase()))
      throw new Refusal(
        `${name} is not the file that was published: its SHA-256 begins with ${found.slice(0, 16)}, and should with ${sha256.slice(0, 16)}. Nothing of it was used.`,
      );
  }
  return { bytes, name };
}
