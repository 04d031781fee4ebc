// explain, profile and tune on a page that is cross-origin isolated.
import { testInsight } from "./support/insight-page.ts";

testInsight();
