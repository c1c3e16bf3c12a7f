// SPDX-License-Identifier: Apache-2.0
import type { OutputFormat } from './arguments/shared-options.js';
import type { Terminal } from './output/terminal.js';
import type { Session } from './platform/session.js';

/** What a command works with. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
  readonly format: OutputFormat;
  /** Absolute. */
  readonly stateDirectory: string;
  /** Absolute, in the order of overlay. */
  readonly configPaths: readonly string[];
  readonly session: Session;
}
