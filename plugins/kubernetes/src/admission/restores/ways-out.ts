// SPDX-License-Identifier: Apache-2.0
import { KEYS } from '../../api/group.js';
import type { Restore } from '../../api/restore.js';
import { checkpointRefOf } from '../../pods/checkpoint-ref.js';

/** What to do about a Restore from which no pod can go on, so that pods like the one that it waits for are refused. */
export function waysOut(restore: Restore): string {
  const { name, namespace = '' } = restore.metadata;
  const checkpoint = checkpointRefOf(restore);
  return (
    `No pod like it starts from the beginning meanwhile. To let it start fresh, \`kubectl delete restore ${name} -n ${namespace}\`, or set its spec.fallback to fresh. ` +
    `It goes on by itself once Checkpoint ${checkpoint.name} can be used: annotate that with ${KEYS.retry} if it has failed (\`kubectl annotate checkpoint ${checkpoint.name} -n ${checkpoint.namespace} ${KEYS.retry}=1 --overwrite\`)`
  );
}
