import { application } from "./application.js";

application((url) => fetch(url), "/api/open");
