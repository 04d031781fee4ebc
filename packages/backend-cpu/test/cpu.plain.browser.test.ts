// A page that shares no memory, as most do: one worker owns it, and computes.
import { testPage } from "./support/page.ts";

testPage(false);
