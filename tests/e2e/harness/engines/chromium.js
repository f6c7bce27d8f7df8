import { Builder, logging } from "selenium-webdriver";
import chrome from "selenium-webdriver/chrome.js";
import { CHROMIUM_FLAGS } from "./chromium-flags.js";
import { classicCall } from "./classic.js";
import { openOnFreePort } from "./free-port.js";

/** @param {string[]} [flags] more of them */
export function start(flags = []) {
  return openOnFreePort(
    () => open(flags),
    (error) => error.message.startsWith("Server terminated early"),
  );
}

async function open(flags) {
  const options = new chrome.Options();
  options.setChromeBinaryPath(process.env.CHROME_BIN ?? "/usr/bin/chromium");
  options.setAcceptInsecureCerts(true);
  options.addArguments(...CHROMIUM_FLAGS, ...flags);
  const log = new logging.Preferences();
  log.setLevel(logging.Type.BROWSER, logging.Level.ALL);
  options.setLoggingPrefs(log);
  const driver = await new Builder()
    .forBrowser("chrome")
    .setChromeOptions(options)
    .setChromeService(new chrome.ServiceBuilder(process.env.CHROMEDRIVER_BIN ?? "/usr/bin/chromedriver"))
    .build();
  return {
    driver,
    call: classicCall(driver),
    stop: () => driver.quit(),
    /** The browser's own log since the last call: failed requests and uncaught errors are in it too. */
    consoleLog: async () => (await driver.manage().logs().get(logging.Type.BROWSER)).map((entry) => entry.message),
  };
}
