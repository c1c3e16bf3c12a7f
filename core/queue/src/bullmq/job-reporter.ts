// SPDX-License-Identifier: Apache-2.0
import type { JsonObject } from '@grit/plugin-api';
import { LOG_LINES } from '../jobs/limits.js';
import { settledWithin } from '../jobs/within.js';
import type { BullJob } from './job-snapshot.js';

/** A handler's work must not stand still because Redis does. */
const PATIENCE_MS = 500;

/** Writes progress and log of a running job, in order; of progress that comes too fast only the newest is written. */
export class JobReporter {
  readonly #job: BullJob;
  #progress: JsonObject | undefined;
  #writing: Promise<void> | undefined;
  #lines: string[] = [];

  constructor(job: BullJob) {
    this.#job = job;
  }

  async progress(value: JsonObject): Promise<void> {
    this.#progress = value;
    await this.flush();
  }

  async log(line: string): Promise<void> {
    this.#lines.push(line);
    if (this.#lines.length > LOG_LINES) this.#lines.shift();
    await this.flush();
  }

  /** Returns when all is written, or Redis is too slow. */
  async flush(): Promise<void> {
    if (this.#progress === undefined && this.#lines.length === 0 && !this.#writing) return;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    await settledWithin(this.#writing, PATIENCE_MS);
  }

  async #write(): Promise<void> {
    while (this.#progress !== undefined || this.#lines.length > 0) {
      const line = this.#lines.shift();
      const progress = this.#progress;
      this.#progress = undefined;
      if (line !== undefined) await this.#job.log(line);
      if (progress !== undefined) await this.#job.updateProgress(progress);
    }
  }
}
