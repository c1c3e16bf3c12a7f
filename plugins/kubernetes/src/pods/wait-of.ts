// SPDX-License-Identifier: Apache-2.0
import type { Condition } from '../api/condition.js';
import type { Restore } from '../api/restore.js';

/** Conditions that a Restore has only while it waits. */
const WAITS = [
  'WaitingForPod',
  'PodScheduled',
  'SourceRunning',
  'ClaimReady',
  'CheckpointReady',
  'AgentReady',
  'Retrying',
];

/** What a Restore waits for now. */
export function waitOf({ status = {} }: Restore): Condition | undefined {
  return status.conditions?.find(({ type }) => WAITS.includes(type));
}
