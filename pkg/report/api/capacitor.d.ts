import type { Auth, JwtClaims, KeyValueStorage, RedirectResult } from "./types.js";
export interface AppPlugin {
    addListener(event: "appUrlOpen", listener: (event: {
        url: string;
    }) => void): Promise<ListenerHandle>;
    addListener(event: "appStateChange", listener: (state: {
        isActive: boolean;
    }) => void): Promise<ListenerHandle>;
}
export interface ListenerHandle {
    remove(): Promise<void>;
}
export interface CapacitorOptions<C extends object = JwtClaims> {
    App: AppPlugin;
    onResult: (result: RedirectResult<C>) => void;
    onError?: (error: unknown) => void;
}
export declare function attachCapacitor<C extends object = JwtClaims>(auth: Auth<C>, options: CapacitorOptions<C>): () => void;
export interface PreferencesPlugin {
    get(options: {
        key: string;
    }): Promise<{
        value: string | null;
    }>;
    set(options: {
        key: string;
        value: string;
    }): Promise<void>;
    remove(options: {
        key: string;
    }): Promise<void>;
}
export declare function preferencesStorage(Preferences: PreferencesPlugin): KeyValueStorage;
