// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { GritError } from '@grit/plugin-api';

const NAMES = ['redis-server', 'valkey-server'];
/** Where distributions put it; not on every user's PATH. */
const USUAL = ['/usr/bin', '/usr/local/bin', '/usr/sbin'];

/** The path of redis-server or valkey-server. Throws GRIT_QUEUE_BINARY_MISSING with the ways out. */
export async function findRedisBinary(searchPath = process.env['PATH'] ?? '', usual = USUAL): Promise<string> {
  const folders = searchPath.split(delimiter).filter((folder) => folder.startsWith('/'));
  for (const folder of [...folders, ...usual]) {
    for (const name of NAMES) {
      const path = join(folder, name);
      if (await isExecutable(path)) return path;
    }
  }
  throw new GritError('GRIT_QUEUE_BINARY_MISSING', 'the embedded queue needs redis-server or valkey-server', {
    hint: [
      '1. apt-get install redis-server (or valkey-server);',
      '2. or put one of the two on PATH;',
      '3. or use a Redis that runs already: queue: { redis: { url: redis://HOST:6379 } } in grit.yaml.',
    ].join(' '),
  });
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
