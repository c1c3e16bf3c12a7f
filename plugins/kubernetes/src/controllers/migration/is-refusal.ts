// SPDX-License-Identifier: Apache-2.0
import { KubeError } from '../../kit/kube-error.js';

/** Whether the API server, or an admission, does not want what was sent: people have to change something. */
export function isRefusal(error: unknown): error is KubeError {
  if (!(error instanceof KubeError) || error.isConflict || error.isAlreadyExists) return false;
  return error.status >= 400 && error.status < 500 && !error.isTooManyRequests && error.status !== 401;
}
