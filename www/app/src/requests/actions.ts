import { invalidateAccessTokens } from "../api";
import { apiOrigin, foreignOrigin } from "../origins";
import { bodyKinds } from "./bodies";
import { askMe, askStranger, upload } from "./errands";
import type { Client, Row } from "./report";

/** Something to try: one line of the requests page. */
export interface Action {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly run: (client: Client) => Promise<Row[]>;
}

const MANY = 20;

export const actions: readonly Action[] = [
  {
    name: "one",
    title: "One request",
    about: `GET ${apiOrigin}/me`,
    run: one,
  },
  {
    name: "twenty",
    title: "Twenty at once",
    about: "All start together.",
    run: twenty,
  },
  {
    name: "rejected-one",
    title: "One with a rejected token",
    about: "The server stops accepting the token first. One refresh, one replay. Six in a minute look like a loop: then it pauses.",
    run: (client) => afterRejection(() => one(client)),
  },
  {
    name: "rejected-twenty",
    title: "Twenty with a rejected token",
    about: "Twenty answers with 401, and still one refresh.",
    run: (client) => afterRejection(() => twenty(client)),
  },
  {
    name: "foreign",
    title: "To a foreign origin",
    about: `${foreignOrigin} says what it received. No token may be among it.`,
    run: async (client) => [await askStranger(client)],
  },
  {
    name: "upload",
    title: "Upload every kind of body",
    about: "The server answers with the checksum of what arrived.",
    run: uploads,
  },
  {
    name: "rejected-upload",
    title: "Upload with a rejected token",
    about: "All are sent, refused, and sent again after one refresh.",
    run: (client) => afterRejection(() => uploads(client)),
  },
];

async function one(client: Client): Promise<Row[]> {
  return [await askMe(client, 1)];
}

function twenty(client: Client): Promise<Row[]> {
  return Promise.all(Array.from({ length: MANY }, (_, index) => askMe(client, index + 1)));
}

async function afterRejection(run: () => Promise<Row[]>): Promise<Row[]> {
  await invalidateAccessTokens();
  return run();
}

function uploads(client: Client): Promise<Row[]> {
  return Promise.all(bodyKinds.map((kind) => upload(client, kind)));
}
