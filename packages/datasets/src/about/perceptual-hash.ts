// Pictures that look the same: a hash of their quarters' brightness finds candidates, small pictures decide.
import { type Image, resizeImage } from "@stria/augmentation";
import { greyOf } from "./picture-of.ts";

const side = 16;
/** Levels of grey, root of the mean square, by which small pictures of one picture differ: other sizes and codecs. */
const mostApart = 4;
/** The mean of a quarter of the pixels differs by at most twice as much as all of them: what looks the same is in the same step, or one beside it. */
const step = 2 * mostApart;
/** Steps of a quarter, one more on both sides. */
const steps = Math.ceil(256 / step) + 3;

/** How a picture looks, in few bytes. */
export interface Look {
  /** The grey picture at 16 x 16. */
  readonly thumbnail: Float32Array;
  /** The same at 4 x 4: what differs here differs there at least as much. */
  readonly blocks: Float32Array;
  /** The step of brightness of each quarter. */
  readonly hash: readonly number[];
  /** Levels of grey, root of the mean square, by which another one may differ: less where there is little to see. */
  readonly tolerance: number;
}

/** The means of the parts of a square picture, `count` by `count`. */
function partMeans(values: Float32Array, count: number): Float32Array {
  const whole = Math.sqrt(values.length);
  const part = whole / count;
  return Float32Array.from({ length: count * count }, (_, at) => {
    const [top, left] = [Math.floor(at / count) * part, (at % count) * part];
    let sum = 0;
    for (let y = top; y < top + part; y++) for (let x = left; x < left + part; x++) sum += values[y * whole + x] ?? 0;
    return sum / (part * part);
  });
}

/** The look of a picture of any size. */
export function lookOf(picture: Image): Look {
  const [, height, width] = picture.shape;
  const grey = { kind: "image", values: greyOf(picture), shape: [1, height, width] } as const;
  const { values: thumbnail } = resizeImage(grey, { height: side, width: side });
  const blocks = partMeans(thumbnail, 4);
  const quarters = [...partMeans(blocks, 2)];
  const mean = quarters.reduce((sum, value) => sum + value, 0) / quarters.length;
  const variance = thumbnail.reduce((sum, value) => sum + (value - mean) ** 2, 0) / thumbnail.length;
  return {
    thumbnail,
    blocks,
    hash: quarters.map((value) => Math.floor(value / step)),
    tolerance: Math.min(mostApart, 0.1 * Math.sqrt(variance) + 0.01),
  };
}

/** Whether the mean square of the differences is at most `most`. */
function areNear(a: Float32Array, b: Float32Array, most: number): boolean {
  let squares = 0;
  for (let at = 0; at < a.length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    squares += difference * difference;
    if (squares > most * a.length) return false;
  }
  return true;
}

/** Whether two pictures look the same: their small pictures are a few levels of grey apart, and far less than what is on them. */
function looksLike(a: Look, b: Look): boolean {
  const most = Math.min(a.tolerance, b.tolerance) ** 2;
  return areNear(a.blocks, b.blocks, most) && areNear(a.thumbnail, b.thumbnail, most);
}

/** A number for steps of the quarters. */
const keyOf = (hash: readonly number[]): number => hash.reduce((key, value) => key * steps + value + 1, 0);

/** What is added to a key for the same steps and those beside them. */
const beside: readonly number[] = /* @__PURE__ */ Array.from(
  { length: 81 },
  (_, at) =>
    ((at % 3) - 1) * steps ** 3 +
    ((Math.floor(at / 3) % 3) - 1) * steps ** 2 +
    ((Math.floor(at / 9) % 3) - 1) * steps +
    (Math.floor(at / 27) - 1),
);

/** An image of one of several datasets. */
export interface Sighting {
  readonly part: string;
  readonly index: number;
  readonly name: string;
}

interface Group {
  readonly look: Look;
  readonly members: Sighting[];
}

/** Collects pictures, and puts those that look the same together. */
export class LookAlikes {
  readonly #groups: Group[] = [];
  readonly #byKey = new Map<number, Group[]>();

  /** Adds a picture to the first group that it looks like, or begins one. */
  add(look: Look, member: Sighting): void {
    const key = keyOf(look.hash);
    for (const offset of beside) {
      const found = this.#byKey.get(key + offset)?.find((group) => looksLike(group.look, look));
      if (!found) continue;
      found.members.push(member);
      return;
    }
    const group = { look, members: [member] };
    this.#groups.push(group);
    const known = this.#byKey.get(key);
    if (known) known.push(group);
    else this.#byKey.set(key, [group]);
  }

  /** The groups of more than one picture. */
  get repeated(): readonly (readonly Sighting[])[] {
    return this.#groups.map(({ members }) => members).filter(({ length }) => length > 1);
  }
}
