// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../api/core-kinds.js';
import { ownerOf } from './owner-of.js';

const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';

/**
 * What tells a pod from its twins and is given to its replacement, too: its name in a StatefulSet (and wherever else the owner chooses the whole name), its
 * index in an indexed Job. Undefined when any twin will do.
 */
export function identityOf(pod: Pick<Pod, 'metadata'>): string | undefined {
  const { metadata } = pod;
  const owner = ownerOf(pod);
  if (owner === undefined) return undefined;
  const index = metadata.annotations?.[COMPLETION_INDEX] ?? metadata.labels?.[COMPLETION_INDEX];
  if (index !== undefined) return index;
  const named = owner.kind === 'StatefulSet' || (metadata.generateName ?? '') === '';
  return named && metadata.name !== '' ? metadata.name : undefined;
}
