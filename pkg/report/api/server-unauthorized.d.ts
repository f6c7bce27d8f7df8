import type { UnauthorizedCode } from "./server-types.js";
export declare class Unauthorized extends Error {
    readonly name: "Unauthorized";
    readonly code: UnauthorizedCode;
    readonly response: Response;
    constructor(code: UnauthorizedCode, details?: UnauthorizedDetails);
}
export interface UnauthorizedDetails {
    readonly scheme?: string;
    readonly algs?: readonly string[] | undefined;
    readonly nonce?: string | undefined;
    readonly cause?: unknown;
}
