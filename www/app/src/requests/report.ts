/** What one request did, as the page tells it. */
export interface Row {
  readonly method: string;
  readonly url: string;
  readonly client: Client;
  /** Did the receiver see the token? By its own answer; `null` where the answer does not tell. */
  readonly tokenSeen: boolean | null;
  /** HTTP status, or `null` where no answer came. */
  readonly status: number | null;
  readonly milliseconds: number;
  /** What came back, in short. */
  readonly answer: string;
  /** For uploads: which kind of body. */
  readonly kind?: string;
  /** For uploads: did the very bytes arrive that were sent? */
  readonly identical?: boolean;
}

/** One press of a button. */
export interface Batch {
  readonly id: number;
  readonly action: string;
  readonly title: string;
  readonly client: Client;
  readonly rows: readonly Row[];
  readonly milliseconds: number;
  readonly wire: WireCount;
}

/** What the browser really sent meanwhile, replays included. */
export interface WireCount {
  readonly requests: number;
  readonly refreshes: number;
}

export type Client = "fetch" | "axios";
