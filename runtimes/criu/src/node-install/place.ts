// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';

/** Where the things of GRIT are on a node: what the chart mounts and names, and nothing else. */
export interface NodePlace {
  /** Programs, the wrapper and what the installer remembers. */
  readonly directory: string;
  /** Where the wrapper meets the agent. */
  readonly runDirectory: string;
  /** Local images and records of the agent. */
  readonly stateDirectory: string;
}

export const USUAL_PLACE: NodePlace = {
  directory: '/opt/grit',
  runDirectory: '/run/grit',
  stateDirectory: '/var/lib/grit',
};

/** What the handler starts in place of runc. */
export function wrapperOf({ directory }: NodePlace): string {
  return join(directory, 'runc-grit');
}

/** The programs as this image has them; a link that is changed in one step. */
export function currentOf({ directory }: NodePlace): string {
  return join(directory, 'current');
}

/** There while containerd has not been restarted since its configuration was changed. */
export function pendingOf({ directory }: NodePlace): string {
  return join(directory, 'restart-pending');
}
