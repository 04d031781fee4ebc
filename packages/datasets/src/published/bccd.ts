// BCCD: photographs of blood with boxes of red and white cells and platelets (Shenggan & others, https://github.com/Shenggan/BCCD_Dataset, MIT licence).
import type { BoxedImageOptions, BoxedImages } from "../detection/detection-dataset.ts";
import { vocDataset } from "../detection/voc.ts";
import { findFolder, type FolderOptions } from "./find-folder.ts";

export interface BccdOptions extends FolderOptions, BoxedImageOptions {}

/** The classes of BCCD's boxes. */
const classes = ["RBC", "WBC", "Platelets"];

/**
 * The 205, 87 and 72 photographs of BCCD in its own three parts. Two boxes of red cells have no area and are left out.
 * @throws FolderError when its files are not there, FormatError when one is damaged
 */
export async function bccd(
  options: BccdOptions = {},
): Promise<{ readonly train: BoxedImages; readonly validation: BoxedImages; readonly test: BoxedImages }> {
  const source = await findFolder(
    "bccd",
    "ImageSets/Main/trainval.txt",
    "https://github.com/Shenggan/BCCD_Dataset",
    options,
  );
  const part = (split: string): Promise<BoxedImages> => vocDataset(source, { ...options, split, classes });
  return { train: await part("train"), validation: await part("val"), test: await part("test") };
}
