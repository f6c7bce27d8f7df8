/** What each application has, before and after. */
declare module "app" {
  /** Whether somebody is signed in when the page opens. */
  export function start(): Promise<boolean>;
  export function login(name: string, password: string): Promise<unknown>;
  export function logout(): unknown;
  export function onSignedOut(listener: () => void): unknown;
  /** The user's name, from the API. */
  export function profile(): Promise<string>;
}
