// What the official packages make of an input. LBHOST_PEERS says where node_modules is.

import { loader } from "./loader.mjs";

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
