import { auth } from "./auth";
import { apiOrigin } from "./origins";

/** The calls of the reference server that the pages make, all through `auth.fetch`. */

/** The API answered, but not with what was asked for. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(readonly status: number) {
    super(status >= 500 ? "The server is in trouble. Please try again." : `The server refused this with status ${status}.`);
  }
}

/** A signed-in device, as the server keeps it. Times in milliseconds since epoch. */
export interface Device {
  readonly id: string;
  readonly userAgent: string;
  readonly createdAt: number | null;
  readonly lastSeenAt: number | null;
  /** Is it this one? */
  readonly current: boolean;
}

export async function listDevices(): Promise<Device[]> {
  const body: unknown = await (await call("GET", "/sessions")).json();
  return Array.isArray(body) ? body.map(readDevice) : [];
}

export async function signOutDevice(id: string): Promise<void> {
  await call("DELETE", `/sessions/${encodeURIComponent(id)}`);
}

/** Changes the display name. The claim in the token changes with the next refresh only. */
export async function rename(displayName: string): Promise<void> {
  await call("PATCH", "/me", { displayName });
}

/** Makes the server refuse every access token issued so far. Refresh tokens stay good. */
export async function invalidateAccessTokens(): Promise<void> {
  await call("POST", "/me/invalidate-access-tokens");
}

async function call(method: string, path: string, body?: object): Promise<Response> {
  const response = await auth.fetch(`${apiOrigin}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
  });
  if (!response.ok) throw new ApiError(response.status);
  return response;
}

function readDevice(value: unknown): Device {
  const device = (value ?? {}) as Record<string, unknown>;
  return {
    id: String(device["id"]),
    userAgent: typeof device["userAgent"] === "string" ? device["userAgent"] : "",
    createdAt: milliseconds(device["createdAt"]),
    lastSeenAt: milliseconds(device["lastSeenAt"]),
    current: device["current"] === true,
  };
}

/** The server counts in seconds. */
function milliseconds(seconds: unknown): number | null {
  return typeof seconds === "number" ? seconds * 1000 : null;
}
