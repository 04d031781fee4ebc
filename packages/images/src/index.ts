// @stria/images: image files to arrays of pixels and back.
export { decodeImage, type DecodeImageOptions } from "./decode-image.ts";
export { encodeImage, type EncodedFormat, type EncodeImageOptions } from "./encode-image.ts";
export { type ImageSize, imageSize, type ImageSizeOptions } from "./image-size.ts";
export type { DecodedImage, ImageFormat, Orientation } from "./image.ts";
export { type Sharp, sharpDecoder } from "./sharp.ts";
