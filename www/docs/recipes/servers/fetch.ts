import { Unauthorized, type JwtClaims } from "hallpass/server";
import { verify } from "./verify";

/** For servers of `Request` and `Response`: Deno, Bun, workers, and the route handlers of Next.js. */
export function guarded(handle: (request: Request, claims: JwtClaims) => Response | Promise<Response>) {
  return async (request: Request): Promise<Response> => {
    try {
      const { claims } = await verify(request);
      return await handle(request, claims);
    } catch (error) {
      if (error instanceof Unauthorized) return error.response;
      throw error;
    }
  };
}

/** Next.js: app/me/route.ts. */
export const GET = guarded((_request, claims) => Response.json({ hello: claims.sub }));
