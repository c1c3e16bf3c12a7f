// SPDX-License-Identifier: Apache-2.0
import type { OptionSpec } from './command-spec.js';
import { COMMON_OPTIONS } from './shared-options.js';

/** A program with commands. */
export interface Program {
  /** As it is typed. */
  readonly name: string;
  /** Options that every command takes. */
  readonly options: readonly OptionSpec[];
}

export const GRIT: Program = { name: 'grit', options: COMMON_OPTIONS };
