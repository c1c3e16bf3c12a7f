// SPDX-License-Identifier: Apache-2.0
import type { ProgressListener } from '@grit/plugin-api';

const INTERVAL_MS = 200;

/** Counts bytes and tells the listener a few times a second. */
export class ByteMeter {
  #done = 0;
  #toldAt = performance.now();

  constructor(
    readonly phase: string,
    readonly totalBytes: number | undefined,
    readonly listener: ProgressListener | undefined,
  ) {}

  readonly add = (bytes: number): void => {
    this.#done += bytes;
    if (performance.now() - this.#toldAt >= INTERVAL_MS) this.#tell();
  };

  /** The last word. */
  finish(): void {
    this.#tell();
  }

  #tell(): void {
    this.#toldAt = performance.now();
    this.listener?.({ phase: this.phase, doneBytes: this.#done, totalBytes: this.totalBytes });
  }
}
