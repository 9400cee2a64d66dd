// What the official packages make of an input. LBHOST_PEERS says where node_modules is.

import { webcrypto } from "node:crypto";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

globalThis.crypto ??= webcrypto;

export function loader(folder) {
  const require = createRequire(path.resolve(folder, "node_modules", "_"));
  return (name) => import(pathToFileURL(require.resolve(name)).href);
}

const load = loader(process.env.LBHOST_PEERS ?? "build/peers");
const { getMentionsFromCommentBody, markdownToCommentBody, stringifyCommentBody } = await load("@liveblocks/node");
const { sanitizeUrl } = await load("@liveblocks/core");

// The users and groups that the resolvers of the tests know.
export const people = { alice: { name: "Al*ice <x>" }, bob: { name: "" }, "c<d>": {} };
export const groups = { eng: { name: "Engineers & co" } };

const resolvers = {
  resolveUsers: ({ userIds }) => userIds.map((id) => people[id]),
  resolveGroupsInfo: ({ groupIds }) => groupIds.map((id) => groups[id]),
};

export async function stringified(body) {
  const out = { mentions: getMentionsFromCommentBody(body) };
  for (const format of ["plain", "html", "markdown"]) {
    out[format] = await stringifyCommentBody(body, { format, ...resolvers });
    out[`${format}_unresolved`] = await stringifyCommentBody(body, { format, separator: " / " });
  }
  return out;
}

export { markdownToCommentBody, sanitizeUrl };
