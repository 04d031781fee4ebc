// `npm run zoo`: the app in which the zoo's models are looked at.
import { serveApp } from "./serve-app.ts";

await serveApp("zoo", "@stria/zoo-app");
