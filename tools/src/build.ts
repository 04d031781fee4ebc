// Builds the packages, as `npm run build` asks for it.
import { build } from "./command.ts";

await build();
