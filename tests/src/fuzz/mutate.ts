// Damage to a file, drawn from a seed: what disks, networks and people with intentions do.
import { boundedInteger, type RandomKey, splitKey } from "@stria/core";

/** Integers at which parsers stumble. */
const edges = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 2 ** 40, 2 ** 53];

/** Draws whole numbers below a bound, one after the other. */
export class Dice {
  readonly #key: RandomKey;
  #drawn = 0;
  constructor(key: RandomKey) {
    this.#key = splitKey(key, "dice");
  }

  below(bound: number): number {
    return bound <= 1 ? 0 : boundedInteger(this.#key, this.#drawn++, bound);
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0];
  }
}

type Mutation = (bytes: Uint8Array, dice: Dice, other: Uint8Array) => Uint8Array;

function changed(bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  const copy = bytes.slice();
  change(copy);
  return copy;
}

function spliced(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  const rest = bytes.subarray(Math.min(bytes.length, at + removed));
  const result = new Uint8Array(at + inserted.length + rest.length);
  result.set(bytes.subarray(0, at));
  result.set(inserted, at);
  result.set(rest, at + inserted.length);
  return result;
}

const mutations: readonly [Mutation, ...Mutation[]] = [
  // A bit flips.
  (bytes, dice) =>
    changed(bytes, (copy) => {
      const at = dice.below(copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << dice.below(8));
    }),
  // A byte becomes any other.
  (bytes, dice) => changed(bytes, (copy) => void (copy[dice.below(copy.length)] = dice.below(256))),
  // An integer becomes one at an edge, in either byte order.
  (bytes, dice) =>
    changed(bytes, (copy) => {
      const width = dice.pick([1, 2, 4, 8]);
      if (copy.length < width) return;
      const [at, value, little] = [
        dice.below(copy.length - width + 1),
        BigInt(edges[dice.below(edges.length)] ?? 0),
        dice.below(2) === 0,
      ];
      for (let byte = 0; byte < width; byte++)
        copy[at + (little ? byte : width - 1 - byte)] = Number((value >> BigInt(8 * byte)) & 255n);
    }),
  // A digit of a text becomes others.
  (bytes, dice) => {
    const digits = [...bytes.entries()].flatMap(([at, byte]) => (byte >= 48 && byte <= 57 ? [at] : []));
    if (digits.length === 0) return bytes;
    const text = dice.pick(["", "0", "-1", "9", "1e9", "99999999999999999999", "0.5", "null", '"']);
    return spliced(bytes, digits[dice.below(digits.length)] ?? 0, 1, new TextEncoder().encode(text));
  },
  // It is cut.
  (bytes, dice) => bytes.slice(0, dice.below(bytes.length)),
  // A piece is missing, there twice, or filled with one byte.
  (bytes, dice) => spliced(bytes, dice.below(bytes.length), 1 + dice.below(64), new Uint8Array(0)),
  (bytes, dice) => {
    const at = dice.below(bytes.length);
    return spliced(bytes, at, 0, bytes.slice(at, at + 1 + dice.below(64)));
  },
  (bytes, dice) =>
    changed(bytes, (copy) => {
      const at = dice.below(copy.length);
      copy.fill(dice.below(256), at, at + 1 + dice.below(32));
    }),
  // A piece of another file.
  (bytes, dice, other) => {
    const from = dice.below(other.length);
    const piece = other.slice(from, from + 1 + dice.below(64));
    return spliced(bytes, dice.below(bytes.length), dice.below(2) * piece.length, piece);
  },
  // Two pieces change places.
  (bytes, dice) =>
    changed(bytes, (copy) => {
      const length = 1 + dice.below(16);
      const [a, b] = [dice.below(copy.length), dice.below(copy.length)];
      const piece = copy.slice(a, a + length);
      copy.copyWithin(a, b, b + length);
      copy.set(piece.subarray(0, Math.max(0, copy.length - b)), b);
    }),
];

/** One to three kinds of damage to `bytes`, most often one; `other` is a file to take pieces of. */
export function mutated(bytes: Uint8Array, other: Uint8Array, dice: Dice): Uint8Array {
  let result = bytes;
  for (let left = 1 + dice.below(1 + dice.below(3)); left > 0; left--)
    if (result.length > 0) result = dice.pick(mutations)(result, dice, other);
  return result;
}
