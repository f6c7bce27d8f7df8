import type { AuthErrorCode } from "./types.js";
export declare class AuthError extends Error {
    readonly name: "AuthError";
    readonly code: AuthErrorCode;
    readonly retryable: boolean;
    readonly status?: number;
    constructor(code: AuthErrorCode, message?: string, details?: ErrorDetails);
}
interface ErrorDetails {
    readonly retryable?: boolean;
    readonly status?: number | undefined;
    readonly cause?: unknown;
}
export declare function makeError(code: string, message: string, retryable: boolean, status: number | undefined, cause: unknown): AuthError;
export declare function invalidOption(where: string, rule: string): AuthError;
export declare function kindOf(value: unknown): string;
export declare function redactUrl(url: URL): string;
export {};
