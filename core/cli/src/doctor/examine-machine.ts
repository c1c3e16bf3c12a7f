// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { homedir, release } from 'node:os';
import { dirname, join } from 'node:path';
import type { CommandContext } from '../command-context.js';
import { formatBytes } from '../output/format-bytes.js';
import type { Finding } from './finding.js';
import { readProgramVersion } from './read-program-version.js';

const LEAST_ROOM = 2 ** 30;

/** Looks at the machine itself: user, kernel, programs, room. */
export async function examineMachine({ stateDirectory }: CommandContext): Promise<readonly Finding[]> {
  return [
    { subject: 'node', found: `${process.versions.node} (${process.execPath})` },
    { subject: 'kernel', found: release() },
    examineUser(),
    await examineDataPlane(),
    ...(await Promise.all([
      examineProgram('runc', ['runc'], 'apt-get install runc'),
      examineProgram('criu', ['criu'], 'install CRIU 4, or put the directory of its binary on PATH', preparedCriu()),
      examineProgram(
        'redis',
        ['redis-server', 'valkey-server'],
        'apt-get install redis-server, or set queue.redis.url',
      ),
    ])),
    await examineRoom(stateDirectory),
  ];
}

function examineUser(): Finding {
  const uid = process.getuid?.() ?? -1;
  if (uid === 0) return { subject: 'user', found: 'root' };
  return {
    subject: 'user',
    found: `uid ${String(uid)}`,
    problem: 'containers and CRIU need root here',
    hint: 'Run the server and the agents as root.',
  };
}

async function examineProgram(
  subject: string,
  programs: readonly string[],
  hint: string,
  directories: readonly string[] = [],
): Promise<Finding> {
  for (const program of programs) {
    const version = await readProgramVersion(program, directories);
    if (version !== undefined) return { subject, found: version };
  }
  return { subject, found: '-', problem: `${programs.join(' or ')} is not on PATH`, hint };
}

/** What packs and reads images. All of it works without the addon. */
async function examineDataPlane(): Promise<Finding> {
  const { dataPlaneFacts } = await import('@grit/core');
  const { hash, zstd, native } = dataPlaneFacts();
  return {
    subject: 'data plane',
    found: `${hash}, zstd ${zstd}, ${native ? 'native addon in use' : 'no native addon, which is slower'}`,
  };
}

async function examineRoom(stateDirectory: string): Promise<Finding> {
  let directory = stateDirectory;
  while (!existsSync(directory) && directory !== '/') directory = dirname(directory);
  const { bavail, bsize } = await statfs(directory);
  const room = bavail * bsize;
  const found = `${formatBytes(room)} free in ${stateDirectory}`;
  if (room >= LEAST_ROOM) return { subject: 'state', found };
  return {
    subject: 'state',
    found,
    problem: 'less than 1 GiB is free',
    hint: 'Make room or choose another --state-dir.',
  };
}

/** Where the set-up of a checkout puts the CRIU that it built; the newest first. */
function preparedCriu(): readonly string[] {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'grit');
  if (!existsSync(cache)) return [];
  const names = readdirSync(cache).filter((name) => name.startsWith('criu-'));
  names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return names.map((name) => join(cache, name, 'bin'));
}
