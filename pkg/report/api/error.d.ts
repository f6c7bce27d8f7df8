import type { AuthErrorCode } from "./types.js";
export declare class AuthError extends Error {
    readonly name: "AuthError";
    readonly code: AuthErrorCode;
    readonly retryable: boolean;
    readonly status?: number;
    readonly oauthError?: string;
    readonly answer?: unknown;
    static [Symbol.hasInstance](this: object, value: unknown): boolean;
    constructor(code: AuthErrorCode, message?: string, details?: ErrorDetails);
}
interface ErrorDetails {
    readonly retryable?: boolean;
    readonly status?: number | undefined;
    readonly cause?: unknown;
    readonly oauthError?: string | undefined;
    readonly answer?: string | undefined;
}
export declare function makeError(code: string, message: string, retryable: boolean, status: number | undefined, cause: unknown, oauthError?: string, answer?: string): AuthError;
export declare function invalidOption(where: string, rule: string): AuthError;
export declare function kindOf(value: unknown): string;
export declare function redactUrl(url: URL): string;
export {};
