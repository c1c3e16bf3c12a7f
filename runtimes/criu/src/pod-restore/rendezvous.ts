// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';

/** The annotation of a pod that is to go on from a checkpoint; its value is the name of the restore. */
export const ANNOTATION = 'grit.dev/restore-name';

/** First line of a request. */
export const CALL_HEADER = 'grit-call 1';

/** A file in the bundle of a container that a restore makes. */
export const RESTORED_MARK = 'grit-restored';

/** Requests of the wrapper (`ID.request`), answers of the agent (`ID.answer`), and starts (`ID.started`). */
export function callsDirectory(runDirectory: string): string {
  return join(runDirectory, 'calls');
}
