// libwebp as WebAssembly, where there is no browser to decode. Each file gets memory of its own: none can do harm to the next.
import { libraryFile, queue, settingsFor } from "../codecs/library.ts";
import type { Pixels } from "../image.ts";

const inTurn = queue();
const silent = (): void => undefined;

let decoder: Promise<WebAssembly.Module> | undefined;
let encoder: Promise<void> | undefined;

/** RGBA of a WebP file, unturned, alpha not multiplied in. @throws Error when the library refuses it */
export async function decodeLibwebp(bytes: Uint8Array): Promise<Pixels> {
  const { default: decode, init } = await import("@jsquash/webp/decode.js");
  decoder ??= libraryFile("@jsquash/webp/codec/dec/webp_dec.wasm").then((file) =>
    WebAssembly.compile(new Uint8Array(file)),
  );
  const library = await decoder;
  return inTurn(async () => {
    await init({
      ...settingsFor(new Uint8Array(0), silent),
      instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) {
        const instance = new WebAssembly.Instance(library, imports);
        done(instance);
        return instance.exports;
      },
    });
    const { data, width, height } = await decode(bytes.slice().buffer);
    return { data: new Uint8Array(data), width, height, channels: 4, stride: 4 };
  });
}

/** A WebP file of RGBA pixels; quality from 1 to 100. */
export async function encodeLibwebp(
  image: ImageData,
  quality: number,
  lossless: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const { default: encode, init } = await import("@jsquash/webp/encode.js");
  return inTurn(async () => {
    encoder ??= libraryFile("@jsquash/webp/codec/enc/webp_enc_simd.wasm").then(async (file) => {
      await init(settingsFor(file, silent));
    });
    await encoder;
    const options = lossless ? { lossless: 1, exact: 1, quality: 75 } : { quality };
    return new Uint8Array(await encode(image, options));
  });
}
