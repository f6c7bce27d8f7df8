/** Who can do what with a secret: "used" by every script of the page, "sealed" from them; "plain" is none. */
export type Kind = "used" | "sealed" | "plain";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly title: string;
  readonly lines?: readonly string[];
}

export interface Chip {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly text: string;
  readonly kind: Kind;
}

export interface Arrow {
  readonly path: string;
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly kind: Kind;
}

export interface Layout {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly chips: readonly Chip[];
  readonly arrows: readonly Arrow[];
}

const API = ["checks signature,", "expiry and fingerprint"];
const TOKENS = ["rotates refresh tokens,", "ends them all on reuse"];

/** For the width of a guide's column on a desktop. */
export const WIDE: Layout = {
  name: "wide",
  width: 688,
  height: 392,
  boxes: [
    { x: 1, y: 1, w: 398, h: 390, title: "Browser" },
    { x: 17, y: 38, w: 366, h: 126, title: "Page: your scripts, and any injected one" },
    { x: 17, y: 180, w: 366, h: 90, title: "sessionStorage of this tab" },
    { x: 17, y: 286, w: 366, h: 90, title: "Cookies of the API, HttpOnly" },
    { x: 481, y: 1, w: 206, h: 254, title: "Your server" },
    { x: 497, y: 38, w: 174, h: 92, title: "API, on your list", lines: API },
    { x: 497, y: 146, w: 174, h: 92, title: "Token endpoint", lines: TOKENS },
    { x: 481, y: 301, w: 206, h: 90, title: "Any other origin", lines: ["gets no token"] },
  ],
  chips: [
    { x: 33, y: 72, w: 116, text: "access token", kind: "used" },
    { x: 159, y: 72, w: 150, text: "claims, unverified", kind: "plain" },
    { x: 33, y: 116, w: 206, text: "refresh token, “memory”", kind: "used" },
    { x: 33, y: 216, w: 116, text: "access token", kind: "used" },
    { x: 159, y: 216, w: 190, text: "refresh token, “body”", kind: "used" },
    { x: 33, y: 322, w: 104, text: "fingerprint", kind: "sealed" },
    { x: 147, y: 322, w: 202, text: "refresh token, “cookie”", kind: "sealed" },
  ],
  arrows: [
    { path: "M383 88H491", label: "token", x: 440, y: 80, kind: "used" },
    { path: "M383 140H412V190H491", label: "refresh", x: 446, y: 182, kind: "used" },
    { path: "M383 330H412V232H475", label: "cookies", x: 446, y: 224, kind: "sealed" },
    { path: "M399 366H475", label: "nothing", x: 439, y: 358, kind: "plain" },
  ],
};

/** For a phone. */
export const NARROW: Layout = {
  name: "narrow",
  width: 342,
  height: 660,
  boxes: [
    { x: 1, y: 1, w: 340, h: 388, title: "Browser" },
    { x: 13, y: 36, w: 316, h: 126, title: "Page: your scripts, any injected one" },
    { x: 13, y: 176, w: 316, h: 92, title: "sessionStorage of this tab" },
    { x: 13, y: 282, w: 316, h: 92, title: "Cookies of the API, HttpOnly" },
    { x: 1, y: 441, w: 204, h: 218, title: "Your server" },
    { x: 13, y: 474, w: 180, h: 82, title: "API, on your list", lines: API },
    { x: 13, y: 566, w: 180, h: 82, title: "Token endpoint", lines: TOKENS },
    { x: 217, y: 441, w: 124, h: 92, title: "Other origins", lines: ["get no token"] },
  ],
  chips: [
    { x: 25, y: 70, w: 108, text: "access token", kind: "used" },
    { x: 141, y: 70, w: 140, text: "claims, unverified", kind: "plain" },
    { x: 25, y: 114, w: 186, text: "refresh token, “memory”", kind: "used" },
    { x: 25, y: 213, w: 108, text: "access token", kind: "used" },
    { x: 141, y: 213, w: 172, text: "refresh token, “body”", kind: "used" },
    { x: 25, y: 319, w: 94, text: "fingerprint", kind: "sealed" },
    { x: 127, y: 319, w: 186, text: "refresh token, “cookie”", kind: "sealed" },
  ],
  arrows: [
    { path: "M40 389V435", label: "token", x: 70, y: 418, kind: "used" },
    { path: "M124 389V435", label: "cookies", x: 158, y: 418, kind: "sealed" },
    { path: "M250 389V435", label: "nothing", x: 284, y: 418, kind: "plain" },
  ],
};
