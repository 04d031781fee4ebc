// The ISBI challenge of 2012: slices of a fly's nerve cord in the electron microscope, and where membranes are (Arganda-Carreras et al. 2015): what the U-Net paper was tested on.
import { imageMasks, type MaskedImages } from "../images/image-masks.ts";
import { publishedFolder, type PublishedOptions, type PublishedSet } from "./published-folder.ts";

/** The hash was computed from the files. */
const set: PublishedSet = {
  name: "isbi2012",
  mark: "train/image/0.png",
  folders: ["train/image", "train/label"],
  contents: "20fd833d0406e366565565897e115ab270c4fb0ee51847fa7fd6a87cf325df58",
  page: "https://github.com/zhixuhao/unet (data/membrane)",
  archives: ["https://github.com/zhixuhao/unet/archive/refs/heads/master.tar.gz"],
  bytes: 2 ** 28,
};

/**
 * The 30 labelled slices, 512 x 512 in one channel; class 0 is membrane, 1 cell.
 * @throws FolderError or DownloadError when its files are not there and cannot be had, FormatError when one is damaged
 */
export async function isbi2012(options: PublishedOptions = {}): Promise<MaskedImages> {
  const source = await publishedFolder(set, options);
  const names = { values: [0, 255], classNames: ["membrane", "cell"] };
  return imageMasks(source, { images: "train/image", masks: "train/label", channels: 1, ...names });
}
