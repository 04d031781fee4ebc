// Golden models of films.
import type { ModelTable } from "./table.ts";

export const videoModels: ModelTable = {};
