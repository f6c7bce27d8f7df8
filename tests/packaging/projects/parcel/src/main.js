import { createAuth } from "hallpass";
import { startApp } from "../shared/app.js";

startApp(createAuth);
