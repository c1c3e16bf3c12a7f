// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import type { Informers } from '../informers.js';
import { chooseStore } from '../store/choose-store.js';
import type { StoreFact } from './facts.js';
import { placeInClaim, placeInStore } from '../../api/storage-place.js';

/** Where the image of a Checkpoint goes to, and whether the node can write there. */
export function findStore(
  { stores }: Pick<Informers, 'stores'>,
  { metadata, spec }: Checkpoint,
  node: string | undefined,
): StoreFact {
  if (spec.volumeClaim !== undefined) return { ready: placeInClaim(spec.volumeClaim.claimName) };
  const choice = chooseStore(stores.list(), { namespace: metadata.namespace ?? '', name: spec.storage });
  if (choice.store === undefined) return { failed: { reason: choice.reason, message: choice.message } };
  const { name, generation = 0 } = choice.store.metadata;
  const here = choice.store.status?.nodes?.find((entry) => entry.name === node && entry.generation === generation);
  if (here?.ready === true) return { ready: placeInStore(name) };
  const message =
    here === undefined
      ? `the agent of node ${node ?? ''} has not tried CheckpointStore ${name} yet.`
      : `the agent of node ${node ?? ''} cannot use CheckpointStore ${name}: ${here.message ?? 'it gives no reason'}`;
  return { waiting: { reason: 'StoreNotReady', message } };
}
