// SPDX-License-Identifier: Apache-2.0
import { isGritError } from '@grit/plugin-api';
import { KubeError } from '@grit/plugin-kubernetes';
import { explainKubeError } from '../cluster/explain-kube-error.js';

const OF_ALL_ORDERS = ['GRIT_KUBE_NOT_ALLOWED', 'GRIT_KUBE_CRDS_MISSING'];

/**
 * Why this one order was not taken; undefined where the error is about all orders: the cluster does not answer, or one has no right to any.
 * The admission refuses some orders in the same words as the API server does who lacks the right.
 */
export function whyRefused(error: unknown): string | undefined {
  const explained = explainKubeError(error);
  if (!isGritError(explained) || OF_ALL_ORDERS.includes(explained.code)) return undefined;
  if (error instanceof KubeError && (error.status < 400 || error.status >= 500)) return undefined;
  return explained.message;
}
