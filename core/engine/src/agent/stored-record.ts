// SPDX-License-Identifier: Apache-2.0
import type { Timing } from '@grit/plugin-api';
import { readSealed } from './sealed-file.js';

/** What a node remembers of an image that it has stored: its dump goes as soon as the image was read back. */
export interface StoredRecord {
  readonly digest: string;
  readonly size: number;
  readonly stored: number;
  readonly dumpTimings: readonly Timing[];
  readonly storeTimings: readonly Timing[];
  /** Set when it was read back whole. */
  readonly verifyTimings?: readonly Timing[] | undefined;
}

export function readStored(path: string): Promise<StoredRecord | undefined> {
  return readSealed<StoredRecord>(path);
}
