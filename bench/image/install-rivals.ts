// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { shell } from './timed-run.js';

const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'grit');
const RCLONE = 'v1.76.0';
/** Debian 12's own, 0.14, is too old to be fair; its static program of 13 runs there too. */
const RESTIC_SUITE = 'trixie';

/** The programs of the yardsticks. */
export interface RivalPrograms {
  readonly rclone: string;
  readonly restic: string;
}

/** Installs what is not there: rclone with Go (minutes), restic from a package of Debian's, which needs root. */
export async function installRivals(): Promise<RivalPrograms> {
  const rclone = await once(`rclone-${RCLONE.slice(1)}`, async (directory) => {
    const environment = { GOBIN: join(directory, 'bin'), CGO_ENABLED: '0', GOTOOLCHAIN: 'local' };
    await shell(`go install -trimpath -ldflags '-s -w' github.com/rclone/rclone@${RCLONE}`, environment);
  });
  const restic = await once(`restic-${RESTIC_SUITE}`, async (directory) => {
    const root = join(directory, 'root');
    await shell(`mmdebstrap --variant=extract --include=restic ${RESTIC_SUITE} ${root}
      mkdir ${directory}/bin && mv ${root}/usr/bin/restic ${directory}/bin/ && rm -rf ${root}`);
  });
  return { rclone: join(rclone, 'bin/rclone'), restic: join(restic, 'bin/restic') };
}

/** A folder of the cache, which appears in one rename. */
async function once(name: string, make: (directory: string) => Promise<void>): Promise<string> {
  const target = join(CACHE, name);
  if (existsSync(target)) return target;
  const made = `${target}.${process.pid}`;
  try {
    await mkdir(made, { recursive: true });
    await make(made);
    await rename(made, target);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return target;
}
