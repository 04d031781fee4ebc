// A cross-origin isolated page: workers over shared memory.
import { testPage } from "./page.ts";

testPage(true);
