// In a browser the page's thread only asks: workers over shared memory compute.
import { testPage } from "./support/page.ts";

testPage(true);
