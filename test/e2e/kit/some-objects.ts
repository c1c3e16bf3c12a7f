// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject, ResourceType } from '@grit/plugin-kubernetes';

/** As much of a ConfigMap as these tests look at. */
export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export const CONFIG_MAPS: ResourceType<ConfigMap> = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

export function configMap(name: string, value = '0'): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { value } };
}

/** Waits for a condition as long as the test may last: its own time limit ends it. */
export async function until(
  what: string,
  signal: AbortSignal,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  while (!(await condition())) {
    await delay(25, undefined, { signal }).catch((error: unknown) => {
      throw new Error(`it never came true: ${what}`, { cause: error });
    });
  }
}
