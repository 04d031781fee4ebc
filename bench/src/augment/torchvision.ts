// torchvision on uint8 tensors, in a process that answers lines with seconds.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Recipe } from "./recipes.ts";

export class Torchvision {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  private constructor(python: string) {
    const script = fileURLToPath(new URL("peer.py", import.meta.url));
    this.#child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Starts it and waits until it is ready. */
  static async start(python: string): Promise<Torchvision> {
    const peer = new Torchvision(python);
    await peer.#line();
    return peer;
  }

  async #line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error("torchvision's process ended");
    return next.value;
  }

  /** Seconds an image. */
  async seconds({ name, count }: Recipe): Promise<number> {
    this.#child.stdin.write(`${name} ${count}\n`);
    return Number(await this.#line()) / count;
  }

  stop(): void {
    this.#child.kill();
  }
}
