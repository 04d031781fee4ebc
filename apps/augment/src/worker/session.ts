// The sample that is open, and its draws: one after the other, until others are asked for.
import {
  type Boxes,
  type Canvas,
  type Image,
  type Keypoints,
  type Mask,
  type PartsByName,
  type Transform,
  apply,
  boxes,
  parametersOf,
  resizeBoxes,
} from "@stria/augmentation";
import type { FromWorker, ToWorker } from "../messages.ts";
import { drawsOf, mixed } from "../mixing.ts";
import { transformOf } from "../pipeline.ts";
import { samples } from "../samples/samples.ts";
import { imageOf, maskOf } from "./pictures.ts";
import { Refusal } from "./refusal.ts";
import { shownOf, transfersOf } from "./show.ts";

interface Opened {
  readonly image: Image<Uint8Array>;
  readonly mask?: Mask<Uint8Array>;
  readonly boxes?: Boxes;
  readonly keypoints?: Keypoints;
}

type Post = (message: FromWorker, transfer?: Transferable[]) => void;
type Request = Extract<ToWorker, { readonly type: "draw" }>;

const movesAll = (transform: Transform<readonly unknown[], never>): transform is Transform<readonly unknown[]> =>
  ["image", "mask", "boxes", "keypoints"].every((kind) => Object.hasOwn(transform.rules, kind));
const movesImages = (
  transform: Transform<readonly unknown[], never>,
): transform is Transform<readonly unknown[], "image"> => Object.hasOwn(transform.rules, "image");

/** Lets messages come in. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve);
  });

export class Session {
  readonly #post: Post;
  #opened: Opened = samples.harbour.scene();
  #classes: readonly string[] = samples.harbour.classes;
  /** The size of the picture in its file. */
  #before: Canvas = { height: 1, width: 1 };
  #latest = 0;

  constructor(post: Post) {
    this.#post = post;
  }

  receive(message: ToWorker): void {
    if (message.type === "draw") {
      void this.#draw(message);
      return;
    }
    try {
      this.#open(message);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown, request?: number): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#post({ type: "failed", message, ...(request !== undefined && { request }) });
  }

  #open(message: Exclude<ToWorker, { readonly type: "draw" }>): void {
    const note = this.#taken(message);
    const shown = shownOf({ ...this.#opened });
    if (shown) this.#post({ type: "opened", shown, classes: this.#classes, note }, transfersOf(shown));
  }

  /** Takes what was given. @throws Refusal and what the package throws for what does not fit; then nothing has changed. */
  #taken(message: Exclude<ToWorker, { readonly type: "draw" }>): string {
    switch (message.type) {
      case "sample": {
        const { scene, classes } = samples[message.name];
        this.#opened = scene();
        this.#classes = classes;
        this.#before = this.#canvas;
        return "";
      }
      case "image": {
        const before = { height: message.picture.height, width: message.picture.width };
        this.#opened = { image: imageOf(message.picture, message.name) };
        this.#classes = [];
        this.#before = before;
        const { height, width } = this.#canvas;
        const isScaled = height !== before.height || width !== before.width;
        return isScaled ? `Scaled from ${before.width} × ${before.height}.` : "";
      }
      case "mask": {
        const { height, width } = message.picture;
        if (height !== this.#before.height || width !== this.#before.width)
          throw new Refusal(
            `${message.name} is ${width} × ${height}, and the image ${this.#before.width} × ${this.#before.height}: a mask is of the image's size.`,
          );
        this.#opened = { ...this.#opened, mask: maskOf(message.picture, message.name, this.#canvas) };
        return "";
      }
      case "boxes": {
        const given = boxes(Float32Array.from(message.values), Int32Array.from(message.labels));
        this.#opened = { ...this.#opened, boxes: resizeBoxes(given, this.#canvas, this.#before) };
        if (message.classes.length > 0) this.#classes = ["background", ...message.classes];
        return "";
      }
    }
  }

  get #canvas(): Canvas {
    const [, height, width] = this.#opened.image.shape;
    return { height, width };
  }

  async #draw({ request, steps, seed, mix, indices }: Request): Promise<void> {
    this.#latest = request;
    const start = performance.now();
    try {
      const transform = transformOf(steps);
      for (const index of indices) {
        const canvas = this.#canvas;
        const draws = drawsOf(mix, index).map((place) => {
          const own = parametersOf(transform, canvas, { seed, index: place });
          return { own, sample: this.#applied(transform, own) };
        });
        const [first] = draws;
        if (!first) break;
        const several = draws.map(({ sample }) => sample);
        const { sample: made, parameters: mixing } =
          mix === "none"
            ? { sample: first.sample, parameters: undefined }
            : mixed(mix, several, { seed, index, canvas });
        const parameters = mix === "none" ? first.own : [...first.own, mixing];
        const shown = shownOf(made);
        const leftOut = Object.keys(this.#opened).filter((kind) => !Object.hasOwn(made, kind));
        if (shown) this.#post({ type: "drawn", request, index, shown, parameters, leftOut }, transfersOf(shown));
        await turn();
        if (this.#latest !== request) return;
      }
      this.#post({ type: "finished", request, milliseconds: performance.now() - start });
    } catch (error) {
      this.#refuse(error, request);
    }
  }

  #applied(transform: Transform<readonly unknown[], never>, parameters: readonly unknown[]): PartsByName {
    const sample: PartsByName = { ...this.#opened };
    if (movesAll(transform)) return apply(transform, sample, parameters);
    if (movesImages(transform)) return apply(transform, { image: this.#opened.image }, parameters);
    throw new Refusal(`${transform.name} has no rule for images.`);
  }
}
