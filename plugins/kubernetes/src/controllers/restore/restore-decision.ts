// SPDX-License-Identifier: Apache-2.0
import type { RestoreStatus } from '../../api/restore.js';
import type { Step } from '../../api/step.js';

/** The part of the status that is the controller's: the agent reports, the admission reserves. */
export type OwnStatus = Omit<RestoreStatus, 'report' | 'reservation'>;

/** Something to be told once. */
interface Notice {
  readonly on: 'restore' | 'pod';
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What is to be done for a Restore, all of it idempotent. */
export interface RestoreDecision {
  readonly status: OwnStatus;
  /** Whether the finalizer has to be there. */
  readonly finalizer: boolean;
  /** Whether the prototype's mark of a Restore that has its pod is there. */
  readonly podSelected: boolean;
  /** The reservation is let go, once nobody is found to have it. */
  readonly dropReservation?: boolean;
  /** An order that nobody is to work on any more. */
  readonly cancel?: Step;
  /** The claim of the Checkpoint has to be reachable on this node; undefined: on none. */
  readonly claimOn?: string;
  readonly notices: readonly Notice[];
  /** When to look again though nothing has changed, in milliseconds. */
  readonly lookAgainMs?: number;
}
