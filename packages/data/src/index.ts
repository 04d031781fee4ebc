// @stria/data: datasets, loaders, and the data sets of the field.
export { type ArrayDataset, arrayDataset, type ArrayDatasetOptions } from "./array-dataset.ts";
export type { Batch } from "./batch.ts";
export type { CollateContext, SkippedSample, TransformContext } from "./batch-maker.ts";
export { cifar10, cifar10Images } from "./cifar10.ts";
export { cifar100, cifar100Images, type Cifar100Options } from "./cifar100.ts";
export type { Collatable } from "./collate.ts";
export { cache } from "./combinators/cache.ts";
export { concat } from "./combinators/concat.ts";
export { map } from "./combinators/map.ts";
export { shuffle, type ShuffleOptions } from "./combinators/shuffle.ts";
export { split, type SplitOptions } from "./combinators/split.ts";
export { filter, indicesWhere, subset } from "./combinators/subset.ts";
export { skip, take } from "./combinators/take.ts";
export { digits, type DigitsOptions } from "./digits.ts";
export { classLabel, type Dataset, type Field, type Fields, type IterableDataset, type Sample } from "./dataset.ts";
export { fashionMnist } from "./fashion-mnist.ts";
export { type ObtainOptions } from "./collection.ts";
export { DownloadError, type DownloadProgress } from "@stria/download";
export { readCifar10, readCifar100, type LabelledPixels, type TwiceLabelledPixels } from "./formats/cifar-binary.ts";
export { gunzip } from "./formats/gzip.ts";
export { type IdxArray, type IdxFile, readIdx } from "./formats/idx.ts";
export { type LabelledSeries, readTimeSeries } from "./formats/time-series.ts";
export { readWav, type Sound } from "./formats/wav.ts";
export { type MnistOptions, readMnist } from "./idx-images.ts";
export type { ImageDataset, ImageSample, NormaliseOptions } from "./image-dataset.ts";
export { type ItemPlace, type ItemRandom, itemRandom } from "./item-random.ts";
export { loader, type Loader, type LoaderOptions, type StreamLoader } from "./loader.ts";
export { kmnist } from "./kmnist.ts";
export { mnist } from "./mnist.ts";
export { listDataset, streamDataset } from "./own-items.ts";
export type { LoaderPosition } from "./position.ts";
export { openRecords, type RecordDataset } from "./records/open-records.ts";
export { writeRecords, type WriteRecordsOptions, type WrittenRecords } from "./records/write-records.ts";
export { SampleError } from "./sample-error.ts";
export {
  balancedSampler,
  type BalancedOptions,
  type Sampler,
  weightedSampler,
  type WeightedOptions,
} from "./sampler.ts";
export type { LoaderStatistics } from "./statistics.ts";
export { type Features, logMel, melFilters, type MelOptions, mfcc, type MfccOptions } from "./sound/mel.ts";
export { type FrameOptions, powerSpectrum } from "./sound/spectrum.ts";
export { type Vocabulary, vocabularyOf, type VocabularyOptions, wordsOf } from "./text/tokens.ts";
export type { LoaderWorker, LoaderWorkers } from "./workers/options.ts";
export { serveBatches, type ServedBatches } from "./workers/serve-batches.ts";
export { LoaderWorkerError } from "./workers/worker-error.ts";
