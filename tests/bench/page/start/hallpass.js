import { createAuth } from "hallpass";

import { HALLPASS } from "../names.js";
import { application } from "./application.js";

application(createAuth(HALLPASS).fetch);
