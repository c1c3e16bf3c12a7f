// SPDX-License-Identifier: Apache-2.0
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** A file that log lines are appended to; mode 0600. */
export interface LogFile {
  readonly write: (line: string) => void;
  readonly close: () => void;
}

/** Opens a log file, with its folder. */
export function openLogFile(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(path, 'a', 0o600);
  return {
    write: (line) => {
      try {
        writeSync(file, line);
      } catch {
        // A full disk must not end the work that is logged.
      }
    },
    close: () => closeSync(file),
  };
}
