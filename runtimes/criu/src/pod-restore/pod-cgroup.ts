// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cgroupVersion, ContainerCgroup } from '../cgroup/container-cgroup.js';
import { readTextIfThere } from '../files/sealed-json.js';

/**
 * The control group of a container of a pod, found by its first process, whatever the driver of the node calls it:
 * `…/ID` or `…/cri-containerd-ID.scope`. Undefined when the process is gone or in no such group.
 */
export async function cgroupOfContainer(pid: number, id: string): Promise<ContainerCgroup | undefined> {
  const [table, version] = await Promise.all([readTextIfThere(`/proc/${pid}/cgroup`), cgroupVersion()]);
  for (const line of (table ?? '').split('\n')) {
    const [, controllers = '', ...path] = line.split(':');
    const names = controllers.split(',');
    if (!names.includes(version === 'v1' ? 'freezer' : '')) continue;
    const group = cutAfterId(path.join(':'), id);
    if (group !== undefined) return ContainerCgroup.open(group);
  }
  return undefined;
}

/** A container may have made groups of its own below. */
function cutAfterId(path: string, id: string): string | undefined {
  const parts = path.split('/');
  const own = parts.findIndex((part) => part === id || part.endsWith(`-${id}.scope`));
  return own < 0 ? undefined : parts.slice(0, own + 1).join('/');
}

/**
 * Writes the script with which the restore of a container ends frozen; see writeResumeFrozenScript. Here the group is named by the container's
 * first process, as only runc knows what the node's cgroup driver makes of the path in the bundle. Returns the script's path.
 */
export async function writeFreezeScript(directory: string, id: string): Promise<string> {
  const path = join(directory, 'pre-resume.sh');
  const v1 = (await cgroupVersion()) === 'v1';
  const root = v1 ? '/sys/fs/cgroup/freezer' : '/sys/fs/cgroup';
  const script = `#!/bin/sh
[ "$CRTOOLS_SCRIPT_ACTION" = pre-resume ] || exit 0
group=
while IFS=: read -r number controllers path; do
  case ,$controllers, in ${v1 ? '*,freezer,*' : ',,'}) group=$path ;; esac
done <"/proc/$CRTOOLS_INIT_PID/cgroup"
case $group/ in
*/${id}/*) group=\${group%%/${id}*}/${id} ;;
*-${id}.scope/*) group=\${group%%-${id}.scope*}-${id}.scope ;;
*) exit 1 ;;
esac
# runc has put CRIU, and with it this shell, into the group that is frozen here.
echo $$ >${root}/cgroup.procs && echo $PPID >${root}/cgroup.procs || exit 1
echo ${v1 ? 'FROZEN' : '1'} >"${root}$group/${v1 ? 'freezer.state' : 'cgroup.freeze'}"
`;
  await writeFile(path, script, { mode: 0o700 });
  return path;
}
