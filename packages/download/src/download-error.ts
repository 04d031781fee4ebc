// The error of data that can neither be found nor fetched.
import { StriaError } from "@stria/core";

/** Data that are not where they were looked for and could not be downloaded, or that are not what was published. */
export class DownloadError extends StriaError {}
