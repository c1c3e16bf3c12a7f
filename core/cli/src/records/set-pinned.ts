// SPDX-License-Identifier: Apache-2.0
import type { CheckpointRecord } from '@grit/plugin-api';
import type { CommandContext } from '../command-context.js';
import { printDocument } from '../output/print-document.js';

/** Pins checkpoints, or lets them go; all of them must be there. Errors: those of `PlatformApi.pinCheckpoint`. */
export async function setPinned(context: CommandContext, ids: readonly string[], pinned: boolean): Promise<number> {
  const { session, terminal, format } = context;
  const { signal } = new AbortController();
  for (const id of ids) await session.call((api) => api.getCheckpoint(id, signal));
  const records: CheckpointRecord[] = [];
  for (const id of ids) records.push(await session.call((api) => api.pinCheckpoint(id, pinned, signal)));
  if (printDocument(terminal, format, records)) return 0;
  for (const { id, workload } of records) {
    const what = pinned
      ? `Pinned ${id} of ${workload.name}: it stays until`
      : `${id} of ${workload.name} can be deleted;`;
    terminal.out(pinned ? `${what} \`grit unpin ${id}\`.\n` : `${what} nothing was.\n`);
  }
  return 0;
}
