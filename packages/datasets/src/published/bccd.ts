// BCCD: photographs of blood with boxes of red and white cells and platelets (Shenggan & others, https://github.com/Shenggan/BCCD_Dataset, MIT licence).
import type { BoxedImageOptions, BoxedImages } from "../detection/detection-dataset.ts";
import { vocDataset } from "../detection/voc.ts";
import { publishedFolder, type PublishedOptions, type PublishedSet } from "./published-folder.ts";

export interface BccdOptions extends PublishedOptions, BoxedImageOptions {}

/** The hash was computed from the files. */
const set: PublishedSet = {
  name: "bccd",
  mark: "ImageSets/Main/trainval.txt",
  folders: ["Annotations", "ImageSets/Main", "JPEGImages"],
  contents: "06a24b2c7d7a4650120d86c6f24c45c6f9209b5b4ee6dd74d39abbe5c1833a7b",
  page: "https://github.com/Shenggan/BCCD_Dataset",
  archives: ["https://github.com/Shenggan/BCCD_Dataset/archive/refs/heads/master.tar.gz"],
  bytes: 2 ** 27,
};

/** The classes of BCCD's boxes. */
const classes = ["RBC", "WBC", "Platelets"];

/**
 * The 205, 87 and 72 photographs of BCCD in its own three parts. Two boxes of red cells have no area and are left out.
 * @throws FolderError or DownloadError when its files are not there and cannot be had, FormatError when one is damaged
 */
export async function bccd(
  options: BccdOptions = {},
): Promise<{ readonly train: BoxedImages; readonly validation: BoxedImages; readonly test: BoxedImages }> {
  const source = await publishedFolder(set, options);
  const part = (split: string): Promise<BoxedImages> => vocDataset(source, { ...options, split, classes });
  return { train: await part("train"), validation: await part("val"), test: await part("test") };
}
