// SPDX-License-Identifier: Apache-2.0
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the agents of a node have begun and ended, a line each: `WHAT PID`. It outlives them. */
export function journalOf(directory: string): string {
  return join(directory, 'journal');
}

/** Whether a checkpoint that was begun may end. */
export function isOpen(directory: string): boolean {
  return existsSync(join(directory, 'open'));
}

export function setOpen(directory: string, open: boolean): void {
  if (open) writeFileSync(join(directory, 'open'), '');
  else rmSync(join(directory, 'open'), { force: true });
}
