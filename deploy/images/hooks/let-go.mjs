// SPDX-License-Identifier: Apache-2.0
import { callApi } from './call-api.mjs';

const API = '/apis/kaito.sh/v1alpha1';
const FINALIZER = 'grit.dev/node-state';

/**
 * Takes the finalizer from objects that nobody would let go any more: else neither they nor their namespaces could be deleted. Images stay
 * in their stores. A GRIT that is installed later holds again what it finds.
 */
export async function letGo() {
  for (const kind of ['checkpoints', 'restores']) {
    let next = '';
    do {
      // Undefined where the definitions are gone, and with them all objects.
      const list = await callApi('GET', `${API}/${kind}?limit=500&continue=${encodeURIComponent(next)}`);
      for (const { metadata } of list?.items ?? []) {
        const { namespace, name, uid, resourceVersion, finalizers = [] } = metadata;
        if (!finalizers.includes(FINALIZER)) continue;
        const left = finalizers.filter((finalizer) => finalizer !== FINALIZER);
        const body = { metadata: { uid, resourceVersion, finalizers: left } };
        await callApi('PATCH', `${API}/namespaces/${namespace}/${kind}/${name}`, body, 'merge-patch');
      }
      next = list?.metadata.continue ?? '';
    } while (next !== '');
  }
}
