import { startApp } from "../shared/app.js";

startApp(() => globalThis.auth);
