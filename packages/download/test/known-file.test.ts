// Short addresses of published files.
import { AttributeError } from "@stria/core";
import { knownFile } from "@stria/download";
import { describe, expect, test } from "vitest";

const hash = "9F86D081884C7D65";

describe("knownFile", () => {
  test.each([
    ["https://example.org/a/b%20c.bin?download=1", "https://example.org/a/b%20c.bin?download=1", "b_c.bin"],
    [
      "hf:owner/name/model.safetensors",
      "https://huggingface.co/owner/name/resolve/main/model.safetensors",
      "model.safetensors",
    ],
    [
      "hf:datasets/owner/na.me@v1.0/data/x.tar",
      "https://huggingface.co/datasets/owner/na.me/resolve/v1.0/data/x.tar",
      "x.tar",
    ],
    ["github:owner/name@0a1b2c/data/x.csv", "https://raw.githubusercontent.com/owner/name/0a1b2c/data/x.csv", "x.csv"],
    ["github:owner/name/x.csv", "https://raw.githubusercontent.com/owner/name/HEAD/x.csv", "x.csv"],
  ])("%s", (address, whole, name) => {
    const file = { name: `9f86d081-${name}`, otherNames: [name], folder: "files", addresses: [whole], sha256: hash };
    expect(knownFile(address, hash)).toEqual(file);
    expect(knownFile(address, hash, { folder: "data" })).toEqual({ ...file, folder: "data" });
  });

  test.each([
    "",
    "owner/name",
    "ftp://example.org/x",
    "hf:owner/name",
    "github:../x/y",
    "github:owner/name/../../x",
    "https://example.org/",
  ])("%j is refused", (address) => {
    expect(() => knownFile(address, hash)).toThrow(AttributeError);
  });
});
