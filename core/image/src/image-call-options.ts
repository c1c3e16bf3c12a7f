// SPDX-License-Identifier: Apache-2.0
import type { ProgressListener } from '@grit/plugin-api';

/** Options of a call that works through a whole image. */
export interface ImageCallOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: ProgressListener | undefined;
}
