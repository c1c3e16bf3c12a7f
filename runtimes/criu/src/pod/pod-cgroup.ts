// SPDX-License-Identifier: Apache-2.0
import { cgroupVersion, ContainerCgroup } from '../cgroup/container-cgroup.js';
import { controlGroupOf } from '../cgroup/control-group-of.js';

/**
 * The control group of a container of a pod, found by its first process, whatever the driver of the node calls it:
 * `…/ID` or `…/cri-containerd-ID.scope`. Undefined when the process is gone or in no such group.
 */
export async function cgroupOfContainer(pid: number, id: string): Promise<ContainerCgroup | undefined> {
  const path = await controlGroupOf(pid, 'freezer');
  const group = path === undefined ? undefined : cutAfterId(path, id);
  return group === undefined ? undefined : ContainerCgroup.open(group);
}

/** A container may have made groups of its own below. */
function cutAfterId(path: string, id: string): string | undefined {
  const parts = path.split('/');
  const own = parts.findIndex((part) => part === id || part.endsWith(`-${id}.scope`));
  return own < 0 ? undefined : parts.slice(0, own + 1).join('/');
}

/**
 * Shell that sets `group` to the group of the container whose first process CRIU has just made; for writeResumeFrozenScript. Only runc knows what
 * the node's cgroup driver makes of the path in the bundle.
 */
export async function shellToFindGroup(id: string): Promise<string> {
  const controllers = (await cgroupVersion()) === 'v1' ? '*,freezer,*' : ',,';
  return `group=
while IFS=: read -r number controllers path; do
  case ,$controllers, in ${controllers}) group=$path ;; esac
done <"/proc/$CRTOOLS_INIT_PID/cgroup"
case $group/ in
*/${id}/*) group=\${group%%/${id}*}/${id} ;;
*-${id}.scope/*) group=\${group%%-${id}.scope*}-${id}.scope ;;
*) exit 1 ;;
esac`;
}
