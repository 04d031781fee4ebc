// A page that shares no memory: one worker that owns it.
import { testPage } from "./page.ts";

testPage(false);
