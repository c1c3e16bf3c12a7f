// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerCgroup } from '../cgroup/container-cgroup.js';

/**
 * Writes the script with which a restore ends frozen: CRIU runs it when the processes are complete and still stopped.
 * They run their first instruction when runc, too, has said that all is well. Without it a CRIU that dies at the very end
 * leaves processes that work on for a moment, until somebody notices, and that work is then done again. Returns its path.
 */
export async function writeResumeFrozenScript(directory: string, cgroup: ContainerCgroup): Promise<string> {
  const path = join(directory, 'pre-resume.sh');
  const { leave, freeze } = cgroup.shellCommands;
  const script = `#!/bin/sh
[ "$CRTOOLS_SCRIPT_ACTION" = pre-resume ] || exit 0
# runc has put CRIU, and with it this shell, into the group that is frozen here.
${leave('$$')} && ${leave('$PPID')} && ${freeze}
`;
  await writeFile(path, script, { mode: 0o700 });
  return path;
}
