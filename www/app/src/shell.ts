import { Capacitor } from "@capacitor/core";

/** Whether the demo runs in the shell of a native app, as Capacitor makes one. */
export const isNative: boolean = Capacitor.isNativePlatform();

/** Where the login page leaves a native app: the system hands this address to the shell. */
export const DEEP_LINK = "dev.hallpass.demo://signed-in";
