import { testOpsGoldens } from "./ops-goldens.ts";

await testOpsGoldens("reference");
