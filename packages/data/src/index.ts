// @stria/data: datasets, loaders, and the data sets of the field.
export { type ArrayDataset, arrayDataset, type ArrayDatasetOptions } from "./array-dataset.ts";
export type { Batch } from "./batch.ts";
export { cifar10, cifar10Images } from "./cifar10.ts";
export { map, subset, take, type Transform } from "./combinators.ts";
export { digits, type DigitsOptions } from "./digits.ts";
export type { Dataset, IterableDataset, Sample, SampleInfo } from "./dataset.ts";
export { type ObtainOptions } from "./download/collection.ts";
export { DownloadError } from "./download/download-error.ts";
export type { DownloadProgress } from "./download/fetch-file.ts";
export { readCifar10, type LabelledPixels } from "./formats/cifar-binary.ts";
export { gunzip } from "./formats/gzip.ts";
export { type IdxArray, type IdxFile, readIdx } from "./formats/idx.ts";
export type { ImageDataset, ImageSample, NormaliseOptions } from "./image-dataset.ts";
export { loader, type Loader, type LoaderOptions } from "./loader.ts";
export { mnist, type MnistOptions, readMnist } from "./mnist.ts";
export type { StreamLoader } from "./stream-batches.ts";
