// SPDX-License-Identifier: Apache-2.0
import type { CheckpointRecord } from '@grit/plugin-api';
import { formatBytes } from '../output/format-bytes.js';

/** Most of the data that may change between two checkpoints for a dump of a running workload to be worth its time. */
const PRECOPY_PAYS_UP_TO = 0.2;

/** Facts about where the bytes of a checkpoint went; none when the record does not know. */
export function storedBytesFacts({ size, bytes }: CheckpointRecord): readonly (readonly [string, string])[] {
  if (bytes === undefined) return [];
  const { data, fresh, stored } = bytes;
  return [
    ['data', `${formatBytes(data)} without pages of zeros`],
    ['new', `${formatBytes(fresh)}${shareOf(fresh, data)} that no earlier image had`],
    ['stored', `${formatBytes(stored)}${shareOf(stored, size ?? 0, ' of the size')} added to the store`],
  ];
}

/** Whether precopy would shorten the time that this workload is frozen; empty without a parent to compare with. */
export function precopyAdvice({ parent, bytes }: CheckpointRecord): string {
  if (parent === undefined || bytes === undefined || bytes.data === 0) return '';
  const share = bytes.fresh / bytes.data;
  const verdict = precopyPays(bytes.fresh, bytes.data)
    ? 'copying most of it before the freeze (precopy) would pay'
    : 'copying it before the freeze (precopy) would not pay';
  return `${percent(share)} of the data changed since ${parent}: ${verdict}.`;
}

/** Whether a dump that copies data before the freeze would copy few enough of them twice. */
export function precopyPays(changed: number, data: number): boolean {
  return changed <= data * PRECOPY_PAYS_UP_TO;
}

function shareOf(part: number, whole: number, of = ''): string {
  return whole > 0 ? ` (${percent(part / whole)}${of})` : '';
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
