// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../api/checkpoint.js';
import { KEYS } from '../api/group.js';
import type { Restore } from '../api/restore.js';
import { candidatesOf, compatibleNodes, type KnownNodes, type Placement } from './compatible-nodes.js';

/** Where a Restore can go on from its Checkpoint. The pod of a Migration leaves its node. */
export function placementOfRestore(
  known: KnownNodes,
  { spec }: Restore,
  checkpoint: Pick<Checkpoint, 'metadata' | 'status'> | undefined,
): Placement {
  const { source = {}, image, nodeName } = checkpoint?.status ?? {};
  const leaves = checkpoint?.metadata.annotations?.[KEYS.migrationUid] === undefined ? undefined : nodeName;
  return compatibleNodes(source, candidatesOf(known), { nodeName: spec.nodeName, leaves, imageBytes: image?.size });
}
