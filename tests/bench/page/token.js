/** The sizes of tokens that login services give: bare, usual, with groups, with too many groups. In bytes. */
export const SIZES = [300, 800, 3_000, 15_000];

/** A token as login services make them, of exactly so many bytes. It ends long after every run. */
export function tokenOf(bytes) {
  const header = part({ alg: "RS256", typ: "JWT", kid: "2026-11-signing-key" });
  const claims = { iss: "https://login.example", sub: "user-4711", exp: 4_000_000_000, name: "Ann Example" };
  const signature = Math.min(342, bytes >> 1);
  const room = () => bytes - signature - `${header}.${part(claims)}.`.length;
  if (room() > 300) claims.groups = [];
  while (room() > 300) claims.groups.push(groupOf(claims.groups.length));
  claims.scope = "";
  while (room() > 4) claims.scope += "items:read "[claims.scope.length % 11];
  const unsigned = `${header}.${part(claims)}.`;
  const left = bytes - unsigned.length;
  return unsigned + "A".repeat(left % 4 === 1 ? left - 1 : left);
}

function part(value) {
  return btoa(JSON.stringify(value)).replace(/=+$/, "").replace(/\+/g, "-").replace(/\//g, "_");
}

function groupOf(index) {
  return `0f8fad5b-d9cb-469f-a165-${String(index).padStart(12, "0")}`;
}
