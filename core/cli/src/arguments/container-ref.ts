// SPDX-License-Identifier: Apache-2.0
import { checkName, type WorkloadRef } from '@grit/plugin-api';

/** The reference of a workload on one machine. Throws GRIT_REQUEST_INVALID for what cannot be a name. */
export function containerRef(name: string): WorkloadRef {
  return { kind: 'container', name: checkName(name, 'NAME') };
}
