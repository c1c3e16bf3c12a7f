// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import type { CheckpointStore } from '../../api/checkpoint-store.js';
import { KEYS } from '../../api/group.js';
import { STORES } from '../../api/kinds.js';
import { storeIn } from '../../api/storage-place.js';
import type { KubeClient } from '../../kit/kube-client.js';
import { reportOf } from '../../steps/order-step.js';
import type { Informers } from '../informers.js';
import type { ImageFate } from './facts.js';

type Caches = Pick<Informers, 'stores' | 'gritNodes' | 'nodes'>;

/** See {@link ImageFate}, by what the caches know. */
export function findFate(caches: Caches, checkpoint: Checkpoint): ImageFate {
  const store = caches.stores.get({ name: storeIn(checkpoint.status?.storage) ?? '' });
  return imageFateOf(checkpoint, store, (name) => isAtWork(caches, name));
}

/** The same by the word of the API server: somebody may have said just now that the image is to stay. */
export async function confirmFate(
  client: KubeClient,
  caches: Caches,
  checkpoint: Checkpoint,
  signal: AbortSignal,
): Promise<ImageFate> {
  const name = storeIn(checkpoint.status?.storage) ?? '';
  const { items } = await client.list(STORES, { fieldSelector: `metadata.name=${name}` }, signal);
  return imageFateOf(checkpoint, items[0], (node) => isAtWork(caches, node));
}

function isAtWork({ gritNodes, nodes }: Caches, name: string): boolean {
  return gritNodes.get({ name })?.status?.phase === 'Ready' && nodes.get({ name }) !== undefined;
}

/**
 * See {@link ImageFate}.
 *
 * @param store - the one that status.storage names, if it is still there
 * @param isAtWork - whether the agent of a node is; only asked for a Checkpoint that is being deleted
 */
export function imageFateOf(
  checkpoint: Checkpoint,
  store: CheckpointStore | undefined,
  isAtWork: (node: string) => boolean,
): ImageFate {
  const { metadata, status } = checkpoint;
  const name = storeIn(status?.storage);
  if (name === undefined || !isInStore(checkpoint)) return { is: 'none' };
  if (metadata.annotations?.[KEYS.retainImage] === 'true') {
    return { is: 'retained', store: name, by: `its annotation ${KEYS.retainImage}` };
  }
  if (store === undefined) return { is: 'left', store: name };
  if (store.spec.deletionPolicy === 'Retain') {
    return { is: 'retained', store: name, by: `spec.deletionPolicy of CheckpointStore ${name}` };
  }
  if (metadata.deletionTimestamp === undefined) return { is: 'deleted', store: name, nodes: [] };
  const { generation = 0 } = store.metadata;
  const nodes = (store.status?.nodes ?? [])
    .filter((entry) => entry.ready && entry.generation === generation && isAtWork(entry.name))
    .map((entry) => entry.name)
    .sort();
  const source = status?.nodeName ?? '';
  // The source may have the image on its own disk, too.
  const ordered = nodes.includes(source) ? [source, ...nodes.filter((node) => node !== source)] : nodes;
  return { is: 'deleted', store: name, nodes: ordered };
}

/** Whether there is an image, or may be what a node has left that could not undo it. */
function isInStore({ status }: Checkpoint): boolean {
  if (status?.image !== undefined) return true;
  if (status?.step === undefined) return false;
  return !(status.step.name === 'abort' && reportOf(status)?.phase === 'Succeeded');
}
