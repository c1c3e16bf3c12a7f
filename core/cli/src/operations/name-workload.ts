// SPDX-License-Identifier: Apache-2.0
import type { OperationStatus } from '@grit/plugin-api';

/** The hint of a failed operation, to be typed as it is: the catalogue says NAME, here it is known. */
export function nameWorkload(hint: string, { workload, request }: OperationStatus): string {
  const name = workload?.name ?? (request.kind === 'run' ? request.spec.name : request.workload?.name);
  if (name === undefined) return hint;
  return hint.replaceAll(/`grit (release|stop|describe workload|delete workload) NAME/g, `\`grit $1 ${name}`);
}
