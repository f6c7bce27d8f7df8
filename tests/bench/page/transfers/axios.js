import axios from "axios";
import { byAxios } from "./by-axios.js";
import { BEARER, measureTransfers } from "./transfers.js";

measureTransfers(() => byAxios(axios.create({ headers: BEARER })));
