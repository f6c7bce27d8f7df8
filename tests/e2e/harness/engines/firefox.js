import { Builder } from "selenium-webdriver";
import firefox from "selenium-webdriver/firefox.js";
import { openOnFreePort } from "./free-port.js";

export function start() {
  return openOnFreePort(open, (error) => error.message.startsWith("BiDi connection"));
}

async function open() {
  const options = new firefox.Options();
  options.setBinary(process.env.FIREFOX_BIN ?? "/usr/bin/firefox-esr");
  options.setAcceptInsecureCerts(true);
  options.addArguments("-headless");
  options.enableBidi();
  // Without a graphics card each frame is drawn by the processor: of 60 a second, 20 are enough.
  options.setPreference("layout.frame_rate", 20);
  const driver = await new Builder()
    .forBrowser("firefox")
    .setFirefoxOptions(options)
    .setFirefoxService(new firefox.ServiceBuilder(process.env.GECKODRIVER_BIN ?? "geckodriver"))
    .build();
  try {
    return await engine(driver);
  } catch (error) {
    await driver.quit().catch(() => undefined);
    throw error;
  }
}

async function engine(driver) {
  const bidi = await driver.getBidi();
  const log = [];
  await bidi.subscribe("log.entryAdded");
  bidi.socket.on("message", (data) => {
    const { method, params } = JSON.parse(data.toString());
    if (method === "log.entryAdded") log.push(JSON.stringify(params));
  });
  return {
    driver,
    stop: () => driver.quit(),
    consoleLog: async () => log.splice(0),
    // By BiDi: classic WebDriver runs scripts in a sandbox, where `Object` and `Uint8Array` are not the page's.
    call: async (handle, source, text) => {
      const { result, error, message } = await bidi.send({
        method: "script.callFunction",
        params: {
          functionDeclaration: source,
          arguments: [{ type: "string", value: text }],
          awaitPromise: true,
          target: { context: handle },
        },
      });
      if (error !== undefined) throw new Error(`script.callFunction: ${error} ${message}`);
      if (result.type !== "success") throw new Error(`script.callFunction: ${result.exceptionDetails.text}`);
      return result.result.value;
    },
  };
}
