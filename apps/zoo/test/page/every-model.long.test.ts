// Every model of the registry in the built page.
import { expect, test } from "vitest";
import { App, launch, serve } from "./app.ts";

test("every model of the registry is opened and drawn", async () => {
  const [served, browser] = await Promise.all([serve(), launch()]);
  try {
    const app = await App.open(browser, served.url);
    await app.drawAll(await app.models());
    expect(app.faults).toEqual([]);
  } finally {
    await browser.close();
    await served.close();
  }
});
