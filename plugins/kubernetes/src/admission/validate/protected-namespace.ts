// SPDX-License-Identifier: Apache-2.0
import { AdmissionRefusal } from '../server/admission-refusal.js';

const SYSTEM = 'kube-system';

/** Namespaces whose pods are never held up by our admission, so that no pod of theirs can take a Restore. */
export function protectedNamespaces(ours: string): readonly string[] {
  return [SYSTEM, ours];
}

/** Throws an AdmissionRefusal when pods of the namespace cannot take Restores. `what` is the kind that is refused. */
export function refuseProtected(what: string, namespace: string, ours: string): void {
  if (!protectedNamespaces(ours).includes(namespace)) return;
  throw new AdmissionRefusal(
    'metadata.namespace',
    `pods of ${namespace} cannot be restored, since the admission never holds up pods that the cluster or GRIT itself needs; use a namespace of your own instead of a ${what} here`,
    'Forbidden',
  );
}
