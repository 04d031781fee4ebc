// Files by short addresses: of hubs where people publish data and weights, and any other.
import { AttributeError } from "@stria/core";
import type { KnownFile } from "./obtain-file.ts";

interface Hub {
  /** What an address looks like, for errors. */
  readonly form: string;
  /** Owner, name, revision and path. */
  readonly pattern: RegExp;
  address(owner: string, name: string, revision: string, path: string): string;
}

const parts = String.raw`([\w.-]+)/([\w.-]+?)(?:@([\w./-]+?))?/([\w./ +=-]+)$`;

/** By what an address begins with; "hf:datasets/" before "hf:", which it begins with too. */
const hubs: Readonly<Record<string, Hub>> = {
  "hf:datasets/": {
    form: "hf:datasets/owner/name@revision/path",
    pattern: new RegExp(`^${parts}`),
    address: (owner, name, revision, path) =>
      `https://huggingface.co/datasets/${owner}/${name}/resolve/${revision || "main"}/${path}`,
  },
  "hf:": {
    form: "hf:owner/name@revision/path",
    pattern: new RegExp(`^${parts}`),
    address: (owner, name, revision, path) =>
      `https://huggingface.co/${owner}/${name}/resolve/${revision || "main"}/${path}`,
  },
  "github:": {
    form: "github:owner/name@revision/path",
    pattern: new RegExp(`^${parts}`),
    address: (owner, name, revision, path) =>
      `https://raw.githubusercontent.com/${owner}/${name}/${revision || "HEAD"}/${path}`,
  },
};

function addressOf(address: string): string {
  if (/^https?:\/\//.test(address)) return address;
  const wrong = new AttributeError(
    "knownFile",
    `${JSON.stringify(address)} is no address`,
    `pass https://..., or ${Object.values(hubs)
      .map(({ form }) => form)
      .join(", ")}`,
  );
  const [start, hub] = Object.entries(hubs).find(([prefix]) => address.startsWith(prefix)) ?? [];
  if (start === undefined || !hub) throw wrong;
  const [, owner = "", name = "", revision = "", path = ""] = hub.pattern.exec(address.slice(start.length)) ?? [];
  if (path === "" || [owner, name, revision, path].some((part) => part.split("/").includes(".."))) throw wrong;
  return hub.address(owner, name, revision, path);
}

/**
 * A published file by its address and hash, for `obtainFile`: `https://...`, `hf:owner/name/path` and `hf:datasets/owner/name/path` (Hugging Face), or `github:owner/name/path`, each with `@revision` behind the name.
 * @param sha256 its SHA-256 in hexadecimal digits, or the first eight or more of them: what arrives is compared with it
 * @throws AttributeError for another address
 * @example const { bytes } = await obtainFile(knownFile("hf:datasets/owner/name@main/train.tar.gz", "9f86d081884c7d65..."));
 */
export function knownFile(
  address: string,
  sha256: string,
  { folder = "files" }: { readonly folder?: string } = {},
): KnownFile {
  const whole = addressOf(address);
  const file = decodeURIComponent(new URL(whole).pathname.split("/").at(-1) ?? "").replaceAll(/[^\w.-]/g, "_");
  if (file === "") throw new AttributeError("knownFile", `${whole} names no file`, "pass the address of a file");
  // Many files of the world have one name.
  return {
    name: `${sha256.slice(0, 8).toLowerCase()}-${file}`,
    otherNames: [file],
    folder,
    addresses: [whole],
    sha256,
  };
}
