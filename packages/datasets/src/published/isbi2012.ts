// The ISBI challenge of 2012: slices of a fly's nerve cord in the electron microscope, and where membranes are (Arganda-Carreras et al. 2015): what the U-Net paper was tested on.
import { imageMasks, type MaskedImages } from "../images/image-masks.ts";
import { findFolder, type FolderOptions } from "./find-folder.ts";

/**
 * The 30 labelled slices, 512 x 512 in one channel; class 0 is membrane, 1 cell.
 * @throws FolderError when its files are not there, FormatError when one is damaged
 */
export async function isbi2012(options: FolderOptions = {}): Promise<MaskedImages> {
  const source = await findFolder(
    "isbi2012",
    "train/image/0.png",
    "https://github.com/zhixuhao/unet (data/membrane)",
    options,
  );
  const names = { values: [0, 255], classNames: ["membrane", "cell"] };
  return imageMasks(source, { images: "train/image", masks: "train/label", channels: 1, ...names });
}
