// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cgroupVersion } from '../cgroup/container-cgroup.js';

/**
 * Writes the script with which a restore ends frozen: CRIU runs it when the processes are complete and still stopped.
 * They run their first instruction when runc, too, has said that all is well. Without it a CRIU that dies at the very end
 * leaves processes that work on for a moment, until somebody notices, and that work is then done again. Returns its path.
 *
 * @param findGroup - shell that sets `group` to the path of the container's control group, or ends with an error
 */
export async function writeResumeFrozenScript(directory: string, findGroup: string): Promise<string> {
  const path = join(directory, 'pre-resume.sh');
  const isV1 = (await cgroupVersion()) === 'v1';
  const root = isV1 ? '/sys/fs/cgroup/freezer' : '/sys/fs/cgroup';
  const [file, value] = isV1 ? ['freezer.state', 'FROZEN'] : ['cgroup.freeze', '1'];
  const script = `#!/bin/sh
[ "$CRTOOLS_SCRIPT_ACTION" = pre-resume ] || exit 0
${findGroup}
# runc has put CRIU, and with it this shell, into the group that is frozen here.
echo $$ >${root}/cgroup.procs && echo $PPID >${root}/cgroup.procs && echo ${value} >"${root}$group/${file}"
`;
  await writeFile(path, script, { mode: 0o700 });
  return path;
}
