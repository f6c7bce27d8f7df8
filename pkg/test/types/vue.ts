// The Vue adapter, used as an application uses it. Compiled by types.test.ts, never run.

import { computed, createApp, defineComponent } from "vue";
import { createAuth, type Auth, type Session } from "hallpass";
import { createAuthPlugin, useAuth, useSession } from "hallpass/vue";

interface Claims {
  sub: string;
  name: string;
}

const auth = createAuth<Claims>();

const Root = defineComponent({
  setup() {
    const { signOut }: Auth<Claims> = useAuth<Claims>();
    const session = useSession<Claims>();
    const now: Session<Claims> = session.value;
    const name = computed(() => (session.value.status === "signed-in" ? session.value.claims?.name : undefined));
    // @ts-expect-error the ref cannot be written
    session.value = now;
    return { signOut, name };
  },
});

createApp(Root).use(createAuthPlugin(auth)).mount("#app");

// @ts-expect-error the auth is missing
createAuthPlugin();
