// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PODS, type Pod } from '@grit/plugin-kubernetes';
import { head, SOURCE, type MigratePlatform } from './migrate-platform.js';

const never = new AbortController().signal;
const LOOK_MS = 1;

/** What an ordinary pod costs with the handler of this RuntimeClass: from its creation to its first output. Milliseconds. */
export async function startTime(platform: MigratePlatform, name: string, runtimeClassName?: 'grit'): Promise<number> {
  const pod: Pod = {
    ...head(PODS),
    metadata: { name, namespace: 'default' },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      nodeName: SOURCE,
      ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
      containers: [
        {
          name: 'main',
          image: 'localhost/busybox:1',
          imagePullPolicy: 'Never',
          command: ['touch', `/shared/${name}`],
          volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
        },
      ],
      volumes: [{ name: 'shared', hostPath: { path: platform.shared } }],
    },
  };
  const asked = performance.now();
  await platform.client.create(PODS, pod, {}, never);
  while (!existsSync(join(platform.shared, name))) await delay(LOOK_MS);
  const ms = performance.now() - asked;
  await platform.client.delete(PODS, { namespace: 'default', name }, { gracePeriodSeconds: 0 }, never);
  await platform.real.wait(`pod/${name}`, 'delete');
  return ms;
}
