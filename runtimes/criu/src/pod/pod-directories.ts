// SPDX-License-Identifier: Apache-2.0
import { join, normalize } from 'node:path';

/** The mounts of a container that tell where the directories of its pod are. */
type Mounts = readonly { readonly destination: string; readonly source?: string | undefined }[];

/** What the kubelet mounts from its directory of a pod, whatever the pod asks for. */
const OF_KUBELET = /^(etc-hosts$|containers\/|volumes\/kubernetes\.io~|volume-subpaths\/)/;

/** The kubelet's directory of the pod with this UID, as mounts tell it; undefined when none of them does. */
export function kubeletDirectoryOf(mounts: Mounts, uid: string): string | undefined {
  const marker = `/pods/${uid}/`;
  for (const { source = '' } of mounts) {
    const at = source.indexOf(marker);
    if (at <= 0 || normalize(source) !== source) continue;
    if (OF_KUBELET.test(source.slice(at + marker.length))) return source.slice(0, at + marker.length - 1);
  }
  return undefined;
}

/** Where the kubelet has the emptyDirs of a pod. @param home - its directory of the pod */
export function emptyDirsIn(home: string): string {
  return join(home, 'volumes', 'kubernetes.io~empty-dir');
}

/** The directory that all containers of the pod have at /dev/shm, if they share one. @param sandbox - containerd's id */
export function sharedMemoryOf(mounts: Mounts, sandbox: string): string | undefined {
  return mounts
    .filter(({ destination }) => destination === '/dev/shm')
    .map(({ source }) => source)
    .find((source) => source?.endsWith(`/${sandbox}/shm`) === true && normalize(source) === source);
}
