/** Calls a function in the page by classic WebDriver, for engines where scripts run in the page's own realm. */
export function classicCall(driver) {
  return async (handle, source, text) => {
    await driver.switchTo().window(handle);
    return driver.executeAsyncScript(
      `const [text, done] = arguments; (${source})(text).then(done, (error) => done(JSON.stringify({ error: { message: String(error) } })));`,
      text,
    );
  };
}
