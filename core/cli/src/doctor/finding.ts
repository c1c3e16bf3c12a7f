// SPDX-License-Identifier: Apache-2.0
/** One thing that the doctor looked at. */
export interface Finding {
  readonly subject: string;
  readonly found: string;
  /** What is wrong; absent when nothing is. */
  readonly problem?: string | undefined;
  readonly hint?: string | undefined;
}
