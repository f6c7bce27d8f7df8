import { type ReactElement, type ReactNode } from "react";
import type { Auth, JwtClaims, Session } from "./types.js";
export declare function AuthProvider(props: {
    auth: Auth<object>;
    children?: ReactNode;
}): ReactElement;
export declare function useAuth<C extends object = JwtClaims>(): Auth<C>;
export declare function useSession<C extends object = JwtClaims>(): Session<C>;
export declare function SignedIn(props: {
    children?: ReactNode;
}): ReactElement | null;
export declare function SignedOut(props: {
    children?: ReactNode;
}): ReactElement | null;
export declare function Loading(props: {
    children?: ReactNode;
}): ReactElement | null;
