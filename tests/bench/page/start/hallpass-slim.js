import { createAuth } from "hallpass/slim";

import { HALLPASS } from "../names.js";
import { application } from "./application.js";

application(createAuth(HALLPASS).fetch);
