import { readFileSync } from 'node:fs';

/*
 * Every package of the lockfile comes from the registry, by the hash that it had when it was added: not
 * from an address of somebody's choosing. (lockfile-lint does not read pnpm's.)
 */

const lockfile = readFileSync(new URL('../pnpm-lock.yaml', import.meta.url), 'utf8');
const resolutions = lockfile.match(/^ *resolution:.*$/gm) ?? [];
const others = resolutions.filter(
  (line) => !/^ {4}resolution: \{integrity: sha512-[\w+/]{86}==\}$/.test(line),
);
for (const line of others) console.error(`pnpm-lock.yaml: not by hash from the registry: ${line}`);
if (others.length > 0 || resolutions.length === 0) process.exitCode = 1;
