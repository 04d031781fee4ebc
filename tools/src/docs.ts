// Writes the pages of the public functions and classes into docs/api, as `npm run docs` asks for it.
import { documentation } from "./command.ts";

await documentation();
process.stdout.write("docs/api/index.html\n");
