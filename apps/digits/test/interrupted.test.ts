// The demo as a real process: interrupted by SIGINT, gone on with by the command that it prints, the same model in the end.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const flags = "--drawn 1200 --epochs 3 --batch 40 --seed 2 --threads 1 --deterministic".split(" ");
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stria-demo-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

interface Ended {
  readonly output: string;
  readonly status: number | null;
}

/** Runs the demo; once it has said `interruptAt`, it gets a SIGINT. */
function demo(args: readonly string[], interruptAt?: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=@stria/source", main, ...args], {
      env: { ...process.env, INIT_CWD: folder, TMPDIR: folder },
    });
    let output = "";
    let waiting = interruptAt !== undefined;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (!waiting || !output.includes(interruptAt ?? "")) return;
        waiting = false;
        child.kill("SIGINT");
      });
    child.on("error", reject);
    child.on("close", (status) => resolve({ output, status }));
  });
}

/** The arguments in the command that the output ends with. */
function commandIn(output: string): string[] {
  const [, args] = /To go on:\nnpm run demo -- (.*)\n$/.exec(output) ?? [];
  if (args === undefined) throw new Error(`there is no command in ${output}`);
  return args.split(" ");
}

const lastLine = /^test accuracy (\d+\.\d\d) % in 3 epochs, \d+ s$/;

describe("the demo, interrupted", () => {
  it("goes on to the same model, also when it is interrupted again", async () => {
    const whole = await demo([...flags, "--save", "whole.safetensors"]);
    expect(whole.status).toBe(0);
    const [, accuracy] = lastLine.exec(whole.output.trimEnd().split("\n").at(-1) ?? "") ?? [];
    expect(Number(accuracy)).toBeGreaterThan(50);
    expect(whole.output).toMatch(/read as +0 +1 .*\n +0 /);

    const first = await demo([...flags, "--save", "resumed.safetensors"], "LeNet-5 on");
    expect(first.status).toBe(130);
    expect(first.output).toContain("Stopping after this step. Ctrl-C again quits at once.");
    const command = commandIn(first.output);
    const second = await demo(command, "epoch 1/3,");
    expect(second.status).toBe(130);
    expect(commandIn(second.output)).toEqual(command); // the same file

    const wrong = await demo(command.map((word) => (word === "40" ? "50" : word)));
    expect(wrong).toMatchObject({
      status: 1,
      output: expect.stringMatching(/the run has batch 40, not 50/) as unknown,
    });

    const resumed = await demo(command);
    expect(resumed.status).toBe(0);
    expect(resumed.output.trimEnd()).toMatch(new RegExp(`test accuracy ${accuracy} % in 3 epochs, \\d+ s$`));
    const models = ["whole", "resumed"].map((name) => readFile(join(folder, `${name}.safetensors`)));
    const [expected, found] = await Promise.all(models);
    expect(found?.equals(expected ?? Buffer.alloc(0))).toBe(true);
  });

  it("names a bad flag, and helps", async () => {
    const bad = await demo(["--epoch", "3"]);
    expect(bad).toMatchObject({ status: 2, output: expect.stringMatching(/--epoch/) as unknown });
    const help = await demo(["--help"]);
    expect(help.status).toBe(0);
    for (const flag of ["epochs", "batch", "backend", "seed", "threads", "data", "save", "resume"])
      expect(help.output).toContain(`--${flag} `);
  });
});
