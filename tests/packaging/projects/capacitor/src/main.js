import { registerPlugin, WebPlugin } from "@capacitor/core";
import { createAuth } from "hallpass";
import { attachCapacitor } from "hallpass/capacitor";
import { startApp } from "../shared/app.js";

// The native half of @capacitor/app is not here: the test says what the system would say, by `window.system`.
class AppShell extends WebPlugin {
  tell(event, data) {
    this.notifyListeners(event, data, event === "appUrlOpen");
  }
}
const shell = new AppShell();
const App = registerPlugin("App", { web: () => Promise.resolve(shell) });
window.system = (event, data) => shell.tell(event, data);

const auth = startApp((options) =>
  createAuth({ ...options, redirect: { url: "/api/login", callbackUrl: "com.example.app://signed-in" } }),
);
attachCapacitor(auth, {
  App,
  onResult: ({ returnTo }) => (document.title = `returned to ${returnTo}`),
  onError: (error) => (document.title = error.code),
});
window.leave = () => void auth.signInRedirect({ returnTo: "inbox?unread" });
