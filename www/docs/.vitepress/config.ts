import { existsSync, readFileSync } from "node:fs";
import { defineConfig, type DefaultTheme } from "vitepress";
import { fileNames } from "./file-names.js";
import { scriptsAsFiles } from "./scripts-as-files.js";

const scripts = scriptsAsFiles();

export default defineConfig({
  lang: "en",
  title: "hallpass",
  description: "Token sessions for single-page apps: keep, renew, attach and end JWT or opaque bearer tokens, for any backend.",
  // Results lie where every other part of the project has them.
  outDir: "dist",
  cacheDir: "node_modules/.cache/vitepress",
  srcExclude: ["README.md", "recipes/**", "test/**"],
  rewrites: { "pages/:rest*": ":rest*", "generated/:rest*": ":rest*" },
  metaChunk: true,
  head: [
    ["link", { rel: "icon", href: "/favicon.svg", type: "image/svg+xml" }],
    ["meta", { name: "theme-color", content: "#0e6b57" }],
  ],
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config: fileNames,
  },
  transformHtml: scripts.transformHtml,
  buildEnd: scripts.buildEnd,
  vite: {
    build: {
      // The search index and the highlighted pages; nobody loads them at once.
      chunkSizeWarningLimit: 1200,
      // The content security policy allows files only: nothing small becomes a data: URL.
      assetsInlineLimit: 0,
    },
  },
  themeConfig: {
    logo: "/favicon.svg",
    nav: [
      { text: "Start", link: "/start/", activeMatch: "^/start/" },
      { text: "Guide", link: "/guide/session", activeMatch: "^/guide/" },
      { text: "Back ends", link: "/backends/", activeMatch: "^/backends/" },
      { text: "Reference", link: "/reference/options", activeMatch: "^/reference/" },
      { text: "API", link: "/api/", activeMatch: "^/api/" },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: "local" },
    docFooter: { prev: "Before", next: "Next" },
    externalLinkIcon: true,
  },
});

function sidebar(): DefaultTheme.SidebarItem[] {
  return [
    {
      text: "Start",
      items: [
        { text: "What it is", link: "/start/" },
        { text: "React", link: "/start/react" },
        { text: "Ionic", link: "/start/ionic" },
        { text: "Angular", link: "/start/angular" },
        { text: "Vue", link: "/start/vue" },
        { text: "A plain page", link: "/start/plain" },
        { text: "Capacitor", link: "/start/capacitor" },
        { text: "Where it runs", link: "/start/anywhere" },
      ],
    },
    {
      text: "How it works",
      items: [
        { text: "Life of a session", link: "/guide/session" },
        { text: "Refresh", link: "/guide/refresh" },
        { text: "Tabs", link: "/guide/tabs" },
        { text: "Clocks and sleep", link: "/guide/clocks" },
        { text: "Trouble", link: "/guide/trouble" },
        { text: "Requests", link: "/guide/requests" },
        { text: "Sign-in by redirect", link: "/guide/redirect" },
        { text: "Sign in at a provider", link: "/guide/provider" },
        { text: "Beside other clients", link: "/guide/comparison" },
        { text: "Developer panel", link: "/guide/devtools" },
      ],
    },
    {
      text: "Security",
      items: [
        { text: "What is where", link: "/guide/security" },
        { text: "Choosing an architecture", link: "/guide/architecture" },
        { text: "Protect your API", link: "/guide/protect" },
      ],
    },
    {
      text: "Migrating",
      items: [
        { text: "From a hand-written client", link: "/migrate/hand-written" },
        { text: "From axios-auth-refresh", link: "/migrate/axios-auth-refresh" },
        { text: "From jwt-autorefresh", link: "/migrate/jwt-autorefresh" },
        { text: "From oidc-client-ts", link: "/migrate/oidc-client-ts" },
        { text: "From auth0-spa-js", link: "/migrate/auth0-spa-js" },
        { text: "From keycloak-js", link: "/migrate/keycloak-js" },
        { text: "From angular-oauth2-oidc", link: "/migrate/angular-oauth2-oidc" },
      ],
    },
    { text: "Recipes", items: [{ text: "Clients, sockets, servers", link: "/recipes/" }] },
    { text: "Providers", items: [{ text: "Options for each", link: "/providers/" }] },
    {
      text: "Back ends",
      items: [
        { text: "All of them", link: "/backends/" },
        { text: "Express", link: "/backends/express" },
        { text: "NestJS", link: "/backends/nestjs" },
        { text: "Fastify", link: "/backends/fastify" },
        { text: "Django REST: simplejwt", link: "/backends/django-simplejwt" },
        { text: "Django REST: Token", link: "/backends/django-token" },
        { text: "FastAPI", link: "/backends/fastapi" },
        { text: "Flask-JWT-Extended", link: "/backends/flask" },
        { text: "Laravel", link: "/backends/laravel" },
        { text: "Rails: devise-jwt", link: "/backends/rails" },
        { text: "Spring Security", link: "/backends/spring" },
        { text: "ASP.NET Core Identity", link: "/backends/aspnet" },
        { text: "RealWorld", link: "/backends/realworld" },
        { text: "axum", link: "/backends/axum" },
      ],
    },
    {
      text: "Reference",
      items: [
        { text: "Options", link: "/reference/options" },
        { text: "Errors, reasons, changes", link: "/reference/errors" },
        { text: "Troubleshooting", link: "/reference/troubleshooting" },
        { text: "Reference server", link: "/reference/server" },
        { text: "Changelog", link: "/reference/changelog" },
      ],
    },
    { text: "API", items: [{ text: "Entries", link: "/api/" }, ...api()] },
  ];
}

/** The entries for which scripts/api.js has written a page. */
function api(): DefaultTheme.SidebarItem[] {
  const list = new URL("../generated/entries.json", import.meta.url);
  if (!existsSync(list)) throw new Error("no API pages: run `npm run api` first");
  const entries = JSON.parse(readFileSync(list, "utf8")) as string[];
  return entries.map((entry) => ({ text: entry, link: `/api/${entry}` }));
}
