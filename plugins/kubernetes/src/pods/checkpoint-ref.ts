// SPDX-License-Identifier: Apache-2.0
import type { Restore } from '../api/restore.js';

/** Which Checkpoint a Restore is of: in its own namespace, unless it says otherwise. */
export function checkpointRefOf({ metadata, spec }: Restore): { readonly namespace: string; readonly name: string } {
  return { namespace: spec.checkpointNamespace ?? metadata.namespace ?? '', name: spec.checkpointName };
}
