// No bundler: the file is named as it lies on the server.
import { createAuth } from "./node_modules/hallpass/dist/index.js";
import { startApp } from "./shared/app.js";

startApp(createAuth);
