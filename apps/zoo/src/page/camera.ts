// The camera, where the user allows it: a picture of it goes out whenever the one before was dealt with.
import { element } from "../../../page/elements.ts";

export interface CameraEvents {
  picture(image: ImageBitmap): void;
  failed(message: string): void;
}

export class Camera {
  readonly #button = element("camera", HTMLButtonElement);
  readonly #video = element("video", HTMLVideoElement);
  readonly #events: CameraEvents;
  #stream: MediaStream | undefined;

  constructor(events: CameraEvents) {
    this.#events = events;
    this.#button.addEventListener("click", () => {
      if (this.#stream === undefined) void this.#start();
      else this.stop();
    });
  }

  get isOn(): boolean {
    return this.#stream !== undefined;
  }

  async #start(): Promise<void> {
    // TypeScript believes that every page has it.
    const { mediaDevices }: { readonly mediaDevices?: MediaDevices } = navigator;
    if (mediaDevices === undefined)
      return this.#events.failed("The camera needs a secure page (https or localhost) and a browser that has one.");
    try {
      this.#stream = await mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
      this.#video.srcObject = this.#stream;
      await this.#video.play();
      this.#button.textContent = "Stop camera";
      await this.next();
    } catch (error) {
      this.stop();
      this.#events.failed(
        `The camera cannot be used: ${error instanceof Error ? error.message : String(error)}. Allow it in the browser's settings, or give a file.`,
      );
    }
  }

  /** Sends the next picture. */
  async next(): Promise<void> {
    if (this.#stream === undefined) return;
    this.#events.picture(await createImageBitmap(this.#video));
  }

  stop(): void {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    this.#video.srcObject = null;
    this.#button.textContent = "Camera";
  }
}
