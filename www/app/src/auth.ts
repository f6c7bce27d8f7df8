import axiosStatic, { type AxiosInstance } from "axios";
import { type Auth, createAuth, type JwtClaims } from "hallpass";
import { attachAxios } from "hallpass/axios";
import { oidc } from "hallpass/oidc";
import { recordChanges } from "./changeLog";
import { apiOrigin } from "./origins";
import { settingsQuery } from "./query";
import { authOptions, providerOptions, readSettings } from "./settings";
import { DEEP_LINK, isNative } from "./shell";

/** What the reference server puts into its tokens, as far as the demo reads it. */
export interface DemoClaims extends JwtClaims {
  name?: string;
  /** Id of the server's session, the one that the devices page lists. */
  sid?: string;
}

export const settings = readSettings(settingsQuery);

const root = new URL(import.meta.env.BASE_URL, location.href).href;

// The login page takes any page of this origin: with the query, the one that comes back is configured like the one that left.
const callbackUrl = isNative ? DEEP_LINK : root + settingsQuery;

// The provider takes what is registered, letter by letter.
const provider = settings.signIn === "code" ? oidc(providerOptions(apiOrigin, root)) : undefined;

export const auth: Auth<DemoClaims> = createAuth<DemoClaims>(authOptions(settings, apiOrigin, callbackUrl, provider));

export const axios: AxiosInstance = axiosStatic.create();

attachAxios(axios, auth);

// At once, so that the very first change is in the log too.
recordChanges(auth);

declare global {
  interface Window {
    hallpassDemo: { auth: Auth<DemoClaims>; axios: AxiosInstance };
  }
}

// For the console and for the end-to-end tests, which drive the package inside the page. It shows nothing that a
// script in this page could not read anyway; an application for real users has no reason to do it.
window.hallpassDemo = { auth, axios };
