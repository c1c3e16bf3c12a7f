// SPDX-License-Identifier: Apache-2.0
import type { Json } from '@grit/plugin-api';
import { BUSYBOX_IMAGE } from '../../cluster/index.js';

/**
 * A pod of two containers and a sidecar that count into a volume that they share, and say what they see of each other. Its init container
 * leaves a line there each time that it runs.
 */
export function countingPod(name: string, node: string, restoreName?: string): string {
  const volumeMounts = [{ name: 'data', mountPath: '/data' }];
  const container = (container: string, script: string, more: Record<string, Json> = {}): Json => {
    const base = { image: BUSYBOX_IMAGE, imagePullPolicy: 'Never', volumeMounts };
    return { name: container, ...base, command: ['sh', '-c', script], ...more };
  };
  const count = (line: string): string => `n=0; while :; do n=$((n + 1)); ${line}; usleep 50000; done`;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      ...(restoreName === undefined ? {} : { annotations: { 'grit.dev/restore-name': restoreName } }),
    },
    spec: {
      runtimeClassName: 'grit',
      terminationGracePeriodSeconds: 0,
      nodeSelector: { 'kubernetes.io/hostname': node },
      volumes: [{ name: 'data', emptyDir: {} }],
      initContainers: [
        container('prepare', 'echo prepared >>/data/prepared'),
        container('side', `exec 3>>/data/side; ${count('echo $n >&3')}`, { restartPolicy: 'Always' }),
      ],
      containers: [
        container('one', count('echo $n >>/data/one; echo $n >/dev/shm/one; echo $n >/own; echo $n')),
        container('two', count('echo "$n $(cat /dev/shm/one)" >>/data/two; echo "$n $(hostname)"')),
      ],
    },
  });
}
