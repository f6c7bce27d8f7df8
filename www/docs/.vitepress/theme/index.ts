// Without fonts: the pages load nothing that is not theirs, and text shows at once.
import theme from "vitepress/theme-without-fonts";
import type { Theme } from "vitepress";
import LifeOfASession from "./LifeOfASession.vue";
import WhatIsWhere from "./WhatIsWhere.vue";
import "./style.css";

export default {
  extends: theme,
  enhanceApp: ({ app }) => {
    app.component("LifeOfASession", LifeOfASession);
    app.component("WhatIsWhere", WhatIsWhere);
  },
} satisfies Theme;
