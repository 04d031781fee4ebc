// What tests say to the site of file-site.ts, in Node and in a page.

export interface PutOptions {
  readonly ranges?: "no";
  /** After how many bytes the first answer stops, until `breakConnection`. */
  readonly cut?: number;
  readonly status?: number;
}

/** Puts a file on the site at `origin`. @returns its address */
export async function putFile(
  origin: string,
  name: string,
  bytes: Uint8Array<ArrayBuffer> | string,
  options: PutOptions = {},
): Promise<string> {
  const address = `${origin}/file-site/${name}`;
  const query = new URLSearchParams(Object.entries(options).map(([key, value]) => [key, String(value)]));
  await fetch(`${address}?${query}`, { method: "PUT", body: bytes });
  return address;
}

/** The ranges that the site was asked for of a file, in turn; "" for all of it. */
export async function rangesAsked(address: string): Promise<string[]> {
  return (await fetch(`${address}?asked`)).json() as Promise<string[]>;
}

/** Breaks the connection on which the first answer stopped at its cut. */
export async function breakConnection(address: string): Promise<void> {
  await fetch(`${address}?break`);
}

/** Progress that breaks the connection once `cut` bytes have come. */
export function breakingAt(cut: number): (progress: { address: string; received: number }) => void {
  return ({ address, received }) => {
    if (received === cut) void breakConnection(address);
  };
}
