import { createClient } from "../by-hand.js";
import { BY_HAND } from "../names.js";
import { application } from "./application.js";

const client = createClient("/token", location.origin);
client.keep(JSON.parse(sessionStorage.getItem(BY_HAND)));
application(client.fetch);
