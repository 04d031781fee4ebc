// `npm run playground`: the app in which a net learns to read digits.
import { serveApp } from "./serve-app.ts";

await serveApp("playground", "@stria/playground");
