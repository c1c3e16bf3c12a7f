// SPDX-License-Identifier: Apache-2.0
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const LONGEST_TAIL = 4_096;
const MOST_LINES = 20;

/** The last lines of a log that were written after `start`. */
export function readLogTail(path: string, start: number): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return '(no log)';
  }
  try {
    const { size } = fstatSync(file);
    const from = Math.max(start, size - LONGEST_TAIL);
    const bytes = Buffer.alloc(Math.max(0, size - from));
    const read = readSync(file, bytes, 0, bytes.length, from);
    const lines = bytes.subarray(0, read).toString('utf8').trimEnd().split('\n');
    return lines.slice(-MOST_LINES).join('\n') || '(it wrote no log)';
  } finally {
    closeSync(file);
  }
}
