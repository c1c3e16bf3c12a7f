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
export function restic(store: string): Rival {
  const env = { RESTIC_PASSWORD: 'bench', RESTIC_REPOSITORY: store, RESTIC_CACHE_DIR: `${store}-cache` };
  const backup = (from: string): Promise<Run> => timedRun(`cd ${from} && restic -q backup --host bench .`, env);
  return {
    name: 'restic',
    first: async (from) => {
      await shell(`rm -rf ${store} ${store}-cache && restic -q init`, env);
      return backup(from);
    },
    second: backup,
    restore: (to) => timedRun(`restic -q restore latest --target ${to}`, env),
  };
}

/** rclone with ten transfers at a time. */
export function rclone(store: string): Rival {
  const copy = (from: string, to: string): Promise<Run> =>
    timedRun(`rclone copy --config /dev/null --transfers 10 -q ${from} ${to} 2>/dev/null`);
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

/** Installs the yardsticks that are not there. */
export async function installRivals(): Promise<void> {
  await shell(
    'command -v restic && command -v rclone || { export DEBIAN_FRONTEND=noninteractive; apt-get -qq update && apt-get -qq -y --no-install-recommends install restic rclone; }',
  );
}
