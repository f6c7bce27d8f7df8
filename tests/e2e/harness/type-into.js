import { until } from "./until.js";

/** Types `text` into an empty field. On a busy machine WebKit's driver loses keys: typed until it is there. */
export function typeInto(input, text) {
  return until("the text in a field", async () => {
    await input.clear();
    await input.sendKeys(text);
    return (await input.getAttribute("value")) === text;
  });
}
