import type { Auth } from "./types.js";
export interface AxiosLike {
    getUri(config?: object): string;
    interceptors: {
        request: {
            use: (...handlers: never[]) => number;
            eject(id: number): void;
        };
    };
}
export declare function attachAxios(instance: AxiosLike, auth: Auth<object>): () => void;
