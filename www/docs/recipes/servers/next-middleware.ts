import { Unauthorized } from "hallpass/server";
import { verify } from "./verify";

/** A first look before any route; from Next.js 16 on the file is `proxy.ts`, and the function `proxy`. */
export async function middleware(request: Request): Promise<Response | undefined> {
  try {
    await verify(request);
    return undefined; // goes on
  } catch (error) {
    if (error instanceof Unauthorized) return error.response;
    throw error;
  }
}

export const config = { matcher: "/api/:path*" };
