import type { Auth } from "./types.js";
export interface DevtoolsElement extends HTMLElement {
    auth: Auth<object> | null;
    open: boolean;
}
export interface DevtoolsOptions {
    parent?: Element;
    open?: boolean;
}
declare global {
    interface HTMLElementTagNameMap {
        "hallpass-devtools": DevtoolsElement;
    }
}
export declare function mountDevtools(auth: Auth<object>, options?: DevtoolsOptions): () => void;
export declare function defineDevtools(): void;
