// SPDX-License-Identifier: Apache-2.0
import type { Terminal } from '../src/output/terminal.js';

/** A terminal that keeps what is written. */
export class RecordingTerminal implements Terminal {
  output = '';
  errors = '';

  constructor(
    readonly columns = 100,
    readonly interactive = false,
    readonly colors = false,
  ) {}

  out(text: string): void {
    this.output += text;
  }

  async outBytes(bytes: Uint8Array): Promise<void> {
    this.output += Buffer.from(bytes).toString('utf8');
  }

  error(text: string): void {
    this.errors += text;
  }
}
