// SPDX-License-Identifier: Apache-2.0
import { throwIfAborted } from '../process/wait-until.js';
import type { RestoreRecord, RestoreRecords } from './restore-record.js';

/** A pod that waits asks far more often; the containers of one that runs are known. */
const QUIET_MS = 3_600_000;
/** A restore may be prepared long before its pod comes. */
const PREPARED_MS = 7 * 24 * 3_600_000;

/** Removes the records of pods that are gone. While a pod is there, its record says whether it may start. */
export async function sweepRecords(
  records: RestoreRecords,
  isHere: (uid: string, signal: AbortSignal) => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  for (const record of await records.list()) {
    throwIfAborted(signal);
    const { uid } = record.pod;
    const written = await records.writtenAt(uid);
    if (!isQuiet(record, written) || (await isHere(uid, signal))) continue;
    await records.remove(uid);
  }
}

function isQuiet({ gate, restore, seen }: RestoreRecord, written: number): boolean {
  const quiet = Date.now() - Math.max(seen, written);
  return quiet > (gate === 'closed' && restore !== undefined ? PREPARED_MS : QUIET_MS);
}
