// Loads packages from the node_modules of a directory.

import { webcrypto } from "node:crypto";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

globalThis.crypto ??= webcrypto;

export function loader(directory) {
  const require = createRequire(path.resolve(directory, "node_modules", "_"));
  return (name) => import(pathToFileURL(require.resolve(name)).href);
}
