/**
 * The system's half of Capacitor's bridge, as Android has it, with the plugin `App`: there is no system here, so the
 * test says by `window.system(event, data)` what it would say. The half in the page is Capacitor's own.
 */
export const NATIVE = `
  const listeners = {};
  window.androidBridge = { postMessage() {} };
  window.Capacitor = {
    PluginHeaders: [{ name: "App", methods: [{ name: "addListener" }, { name: "removeListener" }] }],
    nativeCallback(plugin, method, { eventName }, callback) {
      if (method === "addListener") (listeners[eventName] ??= []).push(callback);
      return eventName;
    },
  };
  window.system = (event, data) => (listeners[event] ?? []).forEach((listener) => listener(data));
`;
