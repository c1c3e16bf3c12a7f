// SPDX-License-Identifier: Apache-2.0
/** Where a command writes: results to `out`, everything else to `error`. */
export interface Terminal {
  out(text: string): void;
  /** Bytes of a log, as fast as the reader takes them. */
  outBytes(bytes: Uint8Array): Promise<void>;
  error(text: string): void;
  /** Width of tables: the terminal's, or 100 where there is none. */
  readonly columns: number;
  /** True when progress may be drawn. */
  readonly interactive: boolean;
  readonly colors: boolean;
}

const DEFAULT_COLUMNS = 100;
const NARROWEST = 60;

/** The terminal of this process. */
export function openTerminal(environment: NodeJS.ProcessEnv): Terminal {
  const { stdout, stderr } = process;
  return {
    out: (text) => void stdout.write(text),
    outBytes: (bytes) => new Promise((resolve) => void stdout.write(bytes, () => resolve())),
    error: (text) => void stderr.write(text),
    columns: stdout.isTTY ? Math.max(NARROWEST, stdout.columns) : DEFAULT_COLUMNS,
    interactive: stderr.isTTY && environment['TERM'] !== 'dumb',
    colors: stderr.isTTY && environment['TERM'] !== 'dumb' && !environment['NO_COLOR'],
  };
}
