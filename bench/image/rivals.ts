// SPDX-License-Identifier: Apache-2.0
import { shell, timedRun, type Run } from './timed-run.js';

/** A tool that keeps directories: the first one, a second one beside it, and back. */
export interface Rival {
  readonly name: string;
  first(from: string): Promise<Run>;
  second(from: string): Promise<Run>;
  restore(to: string): Promise<Run>;
}

/** restic with a repository in `store`. */
export function restic(program: string, store: string): Rival {
  const env = { RESTIC_PASSWORD: 'bench', RESTIC_REPOSITORY: store, RESTIC_CACHE_DIR: `${store}-cache` };
  const backup = (from: string): Promise<Run> => timedRun(`cd ${from} && ${program} -q backup --host bench .`, env);
  return {
    name: 'restic',
    first: async (from) => {
      await shell(`rm -rf ${store} ${store}-cache && ${program} -q init`, env);
      return backup(from);
    },
    second: backup,
    restore: (to) => timedRun(`${program} -q restore latest --target ${to}`, env),
  };
}

/** rclone with ten transfers at a time. */
export function rclone(program: string, store: string): Rival {
  const copy = (from: string, to: string): Promise<Run> =>
    timedRun(`${program} copy --config /dev/null --transfers 10 -q ${from} ${to} 2>/dev/null`);
  return {
    name: 'rclone',
    first: async (from) => {
      await shell(`rm -rf ${store}`);
      return copy(from, `${store}/first`);
    },
    second: (from) => copy(from, `${store}/second`),
    restore: (to) => copy(`${store}/second`, to),
  };
}
