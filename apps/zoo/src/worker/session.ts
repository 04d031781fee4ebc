// Does what the page asks for, one thing after the other; what cannot be done is said, and changes nothing.
import { useBackend } from "@stria/core";
import { sha256 } from "@stria/download";
import { type KnownWeights, create, listModels, modelInfo } from "@stria/zoo";
import { dissect } from "../anatomy/dissect.ts";
import { fold } from "../anatomy/fold.ts";
import { draw } from "../drawing/svg.ts";
import type { BackendName, FromWorker, OpenedModel, ToWorker, WeightsReport } from "../messages.ts";
import { type Opened, openBackend } from "./backends.ts";
import { type Pixels, pixelsOf, readsImages } from "./image.ts";
import { Network } from "./network.ts";
import { Refusal, refusalOf } from "./refusal.ts";
import { drawSample } from "./samples.ts";
import { timeStages } from "./timing.ts";
import { fetchWeights } from "./weights-download.ts";
import { readSource } from "./weights.ts";

export type Post = (message: FromWorker, transfer?: Transferable[]) => void;

type Message<Type extends ToWorker["type"]> = Extract<ToWorker, { readonly type: Type }>;
type Actions = { readonly [Type in ToWorker["type"]]: (message: Message<Type>) => Promise<void> };

export class Session {
  readonly #post: Post;
  #queue: Promise<void> = Promise.resolve();
  #backend: Opened | undefined;
  #network: Network | undefined;
  #model: OpenedModel | undefined;
  #image: Pixels | undefined;
  /** The picture that was given last, for the model that is opened next. */
  #picture: ImageBitmap | undefined;

  readonly #actions: Actions = {
    open: ({ name }) => this.#open(name),
    draw: async ({ folded }) => this.#draw(folded),
    backend: ({ name }) => this.#use(name),
    weights: async ({ file, name }) => this.#take(new Uint8Array(await file.arrayBuffer()), name),
    fetch: (message) => this.#fetch(message),
    image: async ({ image }) => this.#see(image instanceof ImageBitmap ? image : await decoded(image)),
    sample: async ({ name }) => this.#see(drawSample(name)),
    run: () => this.#run(),
    maps: ({ path, channelsLast }) => this.#maps(path, channelsLast),
    times: () => this.#times(),
  };

  constructor(post: Post) {
    this.#post = post;
    post({ type: "models", names: listModels() });
  }

  receive(message: ToWorker): void {
    // TypeScript does not see that the action is the message's.
    const action = this.#actions[message.type] as (given: ToWorker) => Promise<void>;
    this.#queue = this.#queue.then(() => action(message)).catch((error: unknown) => this.#fail(message, error));
  }

  #fail({ type }: ToWorker, error: unknown): void {
    const message = refusalOf(error);
    if (message !== undefined) return this.#post({ type: "refused", what: type, message });
    this.#post({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  }

  /** @throws Refusal before a model was opened. */
  get #current(): { network: Network; model: OpenedModel } {
    if (this.#network === undefined || this.#model === undefined) throw new Refusal("Open a model first.");
    return { network: this.#network, model: this.#model };
  }

  async #open(name: string): Promise<void> {
    const info = await modelInfo(name);
    const model = await create(name);
    const { boxes, parameters, multiplyAdds } = dissect(
      model,
      info.inputShape,
      info.vocabulary === undefined ? "float32" : "int32",
    );
    this.#network?.dispose();
    this.#network = new Network(name, info, model);
    const { task, paper, authors, year, url, inputShape, numClasses, weights } = info;
    const told = { name, task, paper, authors, year, url, inputShape, numClasses, weights, parameters, multiplyAdds };
    this.#model = { ...told, readsImages: readsImages(info), boxes };
    this.#post({ type: "opened", model: this.#model });
    this.#post({ type: "weights", report: undefined });
    this.#image = undefined;
    if (this.#picture !== undefined && this.#model.readsImages) this.#look(this.#picture);
  }

  #draw(folded: boolean): void {
    const { model } = this.#current;
    const shown = folded ? fold(model).boxes : model.boxes;
    const { svg } = draw(shown, {
      interactive: true,
      title: `The layers of ${model.name}, drawn to scale`,
      tallest: 170,
    });
    this.#post({ type: "drawn", svg, boxes: shown, folded });
  }

  async #use(name: BackendName): Promise<void> {
    if (this.#backend?.name === name) return;
    this.#note(`Loading the backend ${name} …`);
    const opened = await openBackend(name);
    await useBackend(opened.backend);
    const before = this.#backend;
    this.#backend = opened;
    // What lies on the backend that goes is made again from what is known of it.
    await this.#network?.renew();
    before?.backend.dispose();
    this.#post({ type: "backend", name, threads: opened.threads });
  }

  async #ready(): Promise<Opened> {
    if (this.#backend === undefined) await this.#use("cpu");
    if (this.#backend === undefined) throw new Refusal("There is no backend.");
    return this.#backend;
  }

  async #load(
    bytes: Uint8Array<ArrayBuffer>,
    name: string,
    known: KnownWeights | undefined,
    origin: Pick<WeightsReport, "verified" | "cache">,
  ): Promise<void> {
    const { network } = this.#current;
    this.#note(`Reading ${name} …`);
    const source = await readSource(bytes, name, known);
    await this.#ready();
    const loaded = await network.load(source, known);
    this.#post({ type: "weights", report: { ...loaded, name, bytes: bytes.length, ...origin } });
    this.#post({ type: "answer", answer: undefined });
    this.#post({ type: "segments", segments: undefined });
    if (this.#picture !== undefined && network.info.preprocessing !== null) this.#look(this.#picture);
  }

  /** The published weights that a file is, by its hash. */
  async #published(bytes: Uint8Array<ArrayBuffer>): Promise<KnownWeights | undefined> {
    const { weights } = this.#current.network.info;
    if (weights.length === 0) return undefined;
    const hash = await sha256(bytes);
    return weights.find((known) => hash.startsWith(known.sha256.toLowerCase()));
  }

  /** A file that the user had already. */
  async #take(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<void> {
    const known = await this.#published(bytes);
    await this.#load(bytes, name, known, { verified: known && "published", cache: undefined });
  }

  async #fetch({ url, known: index, sha256: given }: Message<"fetch">): Promise<void> {
    const entry = index === undefined ? undefined : this.#current.network.info.weights[index];
    const hash = entry?.sha256 ?? given;
    const { bytes, name, cache } = await fetchWeights(url, hash, ({ file, received, total }) =>
      this.#post({ type: "progress", file, received, total }),
    );
    const known = entry ?? (await this.#published(bytes));
    const verified = known ? "published" : hash === undefined ? undefined : "given";
    await this.#load(bytes, name, known, { verified, cache });
  }

  #see(picture: ImageBitmap): void {
    this.#picture?.close();
    this.#picture = picture;
    this.#look(picture);
  }

  #look(picture: ImageBitmap): void {
    const { network } = this.#current;
    this.#image = pixelsOf(picture, network.info, network.preprocessing);
    this.#post({ type: "seen", image: this.#image.shown });
  }

  /** The image as the model takes it. @throws Refusal where there is none. */
  get #input(): Pixels {
    if (this.#image === undefined) throw new Refusal("Give an image first: drop one on the page, or take a sample.");
    return this.#image;
  }

  async #run(): Promise<void> {
    const { network } = this.#current;
    const image = this.#input;
    await this.#ready();
    if (network.isUntouched) this.#note(`Drawing ${network.parameters.toLocaleString("en")} weights at random …`);
    if (network.info.task === "segmentation") {
      const segments = await network.segment(image);
      this.#post({ type: "segments", segments }, [segments.labels.buffer]);
    } else this.#post({ type: "answer", answer: await network.classify(image) });
  }

  async #maps(path: string, channelsLast: boolean): Promise<void> {
    const { network } = this.#current;
    const image = this.#input;
    await this.#ready();
    const maps = await network.maps(path, image, channelsLast);
    this.#post({ type: "maps", maps }, [maps.values.buffer]);
  }

  async #times(): Promise<void> {
    const { network, model } = this.#current;
    await this.#ready();
    const times = await timeStages(network, model.boxes, (text) => this.#note(text));
    this.#post({ type: "times", times });
  }

  #note(text: string): void {
    this.#post({ type: "note", text });
  }
}

/** @throws Refusal where the browser can make no picture of the file. */
async function decoded(file: Blob): Promise<ImageBitmap> {
  const name = file instanceof File ? `${file.name} ` : "The file ";
  try {
    return await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  } catch {
    throw new Refusal(`${name}cannot be read as an image. Give a PNG, JPEG, WebP, GIF or BMP file.`);
  }
}
