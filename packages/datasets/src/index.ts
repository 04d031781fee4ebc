// @stria/datasets: data sets out of files.
export { archiveFiles, type ArchiveOptions } from "./archives/archive-files.ts";
export {
  shardedImages,
  type ShardedImage,
  type ShardedImagesOptions,
  shards,
  type ShardOptions,
  type ShardSample,
  type BrokenSample,
} from "./archives/shards.ts";
export { tarMembers, type TarMember, type TarOptions } from "./archives/tar-members.ts";
export type { BoxOptions } from "./detection/boxes-of.ts";
export {
  type CocoAnnotation,
  type CocoCategory,
  type CocoFile,
  type CocoImage,
  type CocoSegmentation,
  readCoco,
} from "./detection/coco-json.ts";
export { cocoDataset, type CocoOptions, drawSegmentation, type SegmentedImage } from "./detection/coco.ts";
export type { BoxedImage, BoxedImageOptions, BoxedImages } from "./detection/detection-dataset.ts";
export { readVoc, type VocAnnotation, type VocObject } from "./detection/voc-xml.ts";
export { vocDataset, type VocOptions } from "./detection/voc.ts";
export { memoryFiles } from "./files/browser-files.ts";
export { type Files, filesOf, type FileSource } from "./files/file-source.ts";
export { FolderError } from "./files/folder-error.ts";
export {
  imageFolder,
  type ImageFolderOptions,
  type LabelledImage,
  type LabelledImages,
} from "./images/image-folder.ts";
export { imageMasks, type ImageMasksOptions, type MaskedImage, type MaskedImages } from "./images/image-masks.ts";
export { type Decode, readImage, type ReadImageOptions, readMask, type ReadMaskOptions } from "./images/read-image.ts";
export { type Resized, resized, type ResizedOptions } from "./images/resized.ts";
export {
  type CsvOptions,
  readCsv,
  type Table,
  tableDataset,
  type TableDataset,
  type TableDatasetOptions,
  type TableItem,
} from "./tables/csv.ts";
export { type LabelledText, type LabelledTexts, textFolder, type TextFolderOptions } from "./tables/text-folder.ts";
export {
  type LabelledSeriesItem,
  timeSeriesDataset,
  type TimeSeriesDataset,
  type TimeSeriesOptions,
} from "./tables/time-series.ts";
export { type BrokenItem, withoutBroken } from "./without-broken.ts";
export { contactSheet, type ContactSheetOptions } from "./about/contact-sheet.ts";
export {
  type ClassCount,
  describe,
  type DescribeOptions,
  type Description,
  type PartDescription,
  type Range,
} from "./about/describe.ts";
export type { Sighting } from "./about/perceptual-hash.ts";
export { bccd, type BccdOptions } from "./published/bccd.ts";
export { isbi2012 } from "./published/isbi2012.ts";
export { publishedFolder, type PublishedOptions, type PublishedSet } from "./published/published-folder.ts";
export { contentsHash } from "./published/contents-hash.ts";
