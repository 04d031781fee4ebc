// `npm run augment`: the app in which transforms are looked at.
import { serveApp } from "./serve-app.ts";

await serveApp("augment", "@stria/augment-app");
