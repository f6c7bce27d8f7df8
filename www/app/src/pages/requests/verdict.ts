import { foreignOrigin } from "../../origins";
import type { Row } from "../../requests/report";

export type Verdict = "good" | "bad" | "lost";

/** Did a request go as it should? A stranger must not see the token, everybody else must, and no byte may change. */
export function verdict({ url, status, tokenSeen, identical }: Row): Verdict {
  if (status === null) return "lost";
  const wanted = !url.startsWith(`${foreignOrigin}/`);
  return status < 300 && tokenSeen === wanted && identical !== false ? "good" : "bad";
}
