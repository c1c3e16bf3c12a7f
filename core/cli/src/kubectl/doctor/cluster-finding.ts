// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { explainKubeError } from '../cluster/explain-kube-error.js';
import type { Finding } from '../../doctor/finding.js';

/** What a look found, or why it could not look. */
export async function look(subject: string, examine: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await examine();
  } catch (error) {
    const explained = explainKubeError(error);
    if (!(explained instanceof GritError)) throw error;
    if (explained.code === 'GRIT_KUBE_NOT_ALLOWED') {
      // Not everybody may look everywhere, and that is no fault of the cluster.
      return [{ subject, found: 'you have no right to look' }];
    }
    return [{ subject, found: '-', problem: explained.message, hint: explained.hint }];
  }
}
