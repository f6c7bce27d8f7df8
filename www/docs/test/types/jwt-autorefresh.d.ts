// jwt-autorefresh 0.2.4 brings no types: this is what src/lib/index.js of its tarball takes and gives.
declare module "jwt-autorefresh" {
  export default function autorefresh(options: {
    refresh: () => string | Promise<string>;
    leadSeconds: number | (() => number);
    log?: object;
  }): (accessToken: string) => () => void;
}
