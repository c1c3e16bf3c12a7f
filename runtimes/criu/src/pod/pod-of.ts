// SPDX-License-Identifier: Apache-2.0
import { GritError, type WorkloadRef } from '@grit/plugin-api';

/** Which pod it is; one of the same name that came later has another UID. */
export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** The pod that is meant. A pod of the same name that came later is another one, so the UID must be there. Throws GRIT_REQUEST_INVALID. */
export function podOf({ kind, namespace, name, uid }: WorkloadRef): PodIdentity {
  if (kind !== 'pod' || namespace === undefined || uid === undefined || !/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(uid)) {
    throw new GritError('GRIT_REQUEST_INVALID', `${kind} ${name} is not a pod with a namespace and a UID`);
  }
  return { namespace, name, uid };
}
