// SPDX-License-Identifier: Apache-2.0
import { EXIT_COLD_STARTED, EXIT_FAILED, EXIT_NOT_MOVED } from '../exit-codes.js';
import type { Outcome } from './row.js';

const EXITS: Readonly<Record<Outcome, number>> = {
  moved: 0,
  stored: 0,
  restored: 0,
  evicted: 0,
  returned: EXIT_NOT_MOVED,
  'cold-started': EXIT_COLD_STARTED,
  failed: EXIT_FAILED,
  deleted: EXIT_FAILED,
};
/** The worst first. */
const BY_WEIGHT = [EXIT_FAILED, EXIT_COLD_STARTED, EXIT_NOT_MOVED];

/** The exit code for these outcomes: that of the worst. */
export function exitOf(outcomes: readonly (Outcome | undefined)[]): number {
  const codes = new Set(outcomes.map((outcome) => (outcome === undefined ? 0 : EXITS[outcome])));
  return BY_WEIGHT.find((code) => codes.has(code)) ?? 0;
}
