import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ACCESS_SECONDS } from "./lifetime.js";
import { PYTHON } from "./venv.js";

/**
 * The back ends. Each has its options in `<options>/auth.ts`, which the documentation shows.
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {string} page of the documentation
 * @property {string} folder with `auth.ts`
 * @property {"real" | "stand-in"} run
 * @property {string} runs what is run
 * @property {(port: number) => string[]} command starts the server on the port
 * @property {Record<string, string>} [env]
 * @property {"https"} [scheme] of the server; http where nothing is said
 * @property {(output: string) => string} [origin] the only page that the server lets in, by what it says on its standard output, where that is not the test's
 * @property {[string, string]} user name and password
 * @property {string} profile a path that only a token opens; its answer names the user
 * @property {Record<string, string>} [headers] that the application has to send there
 * @property {[string, string]} header the header that carries the token, and what stands before it
 * @property {string} [refresh] path
 * @property {[string, string]} [signOut] method and path
 * @property {boolean} [lasts] its tokens have no end: to see one refused, it is signed out elsewhere
 */

const here = fileURLToPath(new URL("../", import.meta.url));
const node = (file) => () => [process.execPath, join(here, file)];
const python = (file) => () => [PYTHON, join(here, file)];

/** The reference server knows one page, its own demo, and says at start where that is. */
function axum() {
  const flags = ["--tls", "--app-port", "0", "--foreign-port", "0", "--access-seconds", String(ACCESS_SECONDS)];
  return {
    scheme: "https",
    command: (port) => [process.env.HALLPASS_SERVER ?? "hallpass-server", ...flags, "--api-port", String(port)],
    origin: (output) => JSON.parse(output.split("\n")[0]).app,
  };
}

const ADA = ["ada", "correct horse"];
const ADA_BY_MAIL = ["ada@example.com", "correct horse"];
const BEARER = ["authorization", "Bearer "];
const JSON_ONLY = { Accept: "application/json" };

/** @type {readonly Row[]} */
export const ROWS = [
  { name: "Express, passport-jwt", page: "express", folder: "express", run: "real", command: node("express/server.js"), user: ADA, profile: "/profile", header: BEARER, refresh: "/auth/refresh", signOut: ["POST", "/auth/logout"] },
  { name: "Express, `x-access-token`", page: "express", folder: "x-access-token", run: "real", command: node("x-access-token/server.js"), user: ADA, profile: "/api/test/user", header: ["x-access-token", ""], refresh: "/api/auth/refreshtoken" },
  { name: "NestJS", page: "nestjs", folder: "nestjs", run: "real", command: () => [process.execPath, join(here, "harness/run-typescript.js"), join(here, "nestjs/server.ts")], user: ADA, profile: "/auth/profile", header: BEARER, refresh: "/auth/refresh" },
  { name: "Fastify, @fastify/jwt", page: "fastify", folder: "fastify", run: "real", command: node("fastify/server.js"), user: ADA, profile: "/profile", header: BEARER, refresh: "/auth/refresh", signOut: ["POST", "/auth/logout"] },
  { name: "Django REST, simplejwt", page: "django-simplejwt", folder: "django-simplejwt", run: "real", command: python("django/serve.py"), user: ADA, profile: "/api/profile/", header: BEARER, refresh: "/api/token/refresh/", signOut: ["POST", "/api/token/blacklist/"] },
  { name: "Django REST, Token and dj-rest-auth", page: "django-token", folder: "django-token", run: "real", command: python("django/serve.py"), user: ADA, profile: "/api/profile/", header: ["authorization", "Token "], signOut: ["POST", "/auth/logout/"], lasts: true },
  { name: "FastAPI", page: "fastapi", folder: "fastapi", run: "real", command: python("fastapi/server.py"), user: ADA, profile: "/users/me/", header: BEARER, refresh: "/token/refresh", signOut: ["POST", "/token/revoke"] },
  { name: "Flask-JWT-Extended", page: "flask", folder: "flask", run: "real", command: python("flask/server.py"), user: ADA, profile: "/protected", header: BEARER, refresh: "/refresh", signOut: ["DELETE", "/logout"] },
  { name: "Laravel, jwt-auth", page: "laravel", folder: "laravel-jwt", run: "stand-in", command: node("laravel-jwt/server.js"), user: ADA_BY_MAIL, profile: "/api/auth/me", headers: JSON_ONLY, header: BEARER, refresh: "/api/auth/refresh", signOut: ["POST", "/api/auth/logout"] },
  { name: "Laravel, Sanctum", page: "laravel", folder: "laravel-sanctum", run: "stand-in", command: node("laravel-sanctum/server.js"), user: ADA_BY_MAIL, profile: "/api/user", headers: JSON_ONLY, header: BEARER, signOut: ["POST", "/logout"], lasts: true },
  { name: "Rails, devise-jwt", page: "rails", folder: "rails", run: "stand-in", command: node("rails/server.js"), user: ADA_BY_MAIL, profile: "/profile", header: BEARER, signOut: ["DELETE", "/users/sign_out"] },
  { name: "Spring Security", page: "spring", folder: "spring", run: "stand-in", command: node("spring/server.js"), user: ADA, profile: "/", header: BEARER },
  { name: "ASP.NET Core Identity", page: "aspnet", folder: "aspnet", run: "stand-in", command: node("aspnet/server.js"), user: ADA_BY_MAIL, profile: "/manage/info", header: BEARER, refresh: "/refresh" },
  { name: "RealWorld", page: "realworld", folder: "realworld", run: "real", command: node("realworld/server.js"), user: ADA_BY_MAIL, profile: "/api/user", header: ["authorization", "Token "] },
  { name: "axum", page: "axum", folder: "axum", run: "real", ...axum(), user: ["demo", "correct horse battery staple"], profile: "/me", header: BEARER, refresh: "/token", signOut: ["POST", "/token/reject"] },
];
