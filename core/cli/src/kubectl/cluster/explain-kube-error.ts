// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { KubeError } from '@grit/plugin-kubernetes';

const OURS = /(checkpoints|restores|migrations|checkpointstores|gritnodes)/;

/** What the API server said, as an error for people with what to do; other errors are left as they are. */
export function explainKubeError(error: unknown): unknown {
  if (error instanceof GritError) return explainConfig(error);
  if (!(error instanceof KubeError)) return error;
  const message = plain(error.message);
  if (error.isUnavailable || error.isTooManyRequests) {
    const hint = /failed calling webhook/.test(message)
      ? 'The admission of GRIT does not answer: `kubectl grit doctor` says more.'
      : '`kubectl version` with the same options shows whether the cluster can be reached.';
    return new GritError('GRIT_KUBE_UNREACHABLE', message, { hint });
  }
  if (error.isForbidden && !/denied the request/.test(error.message)) {
    return new GritError('GRIT_KUBE_NOT_ALLOWED', message, {
      hint: 'Ask for the role edit in the namespace (a node needs more): `kubectl grit doctor` lists what you may do.',
    });
  }
  if (error.isNotFound && OURS.test(error.message) && error.reason !== 'NotFound') return crdsMissing(message);
  if (error.isNotFound && /could not find the requested resource/.test(message)) return crdsMissing(message);
  if (error.isNotFound) return new GritError('GRIT_REQUEST_INVALID', message, { hint: 'Check name and namespace.' });
  if (error.status < 500) {
    return new GritError('GRIT_REQUEST_INVALID', message, {
      hint: 'Nothing was ordered; the message says what is wrong.',
    });
  }
  return error.toGritError();
}

function crdsMissing(message: string): GritError {
  return new GritError(
    'GRIT_KUBE_CRDS_MISSING',
    `GRIT is not installed in this cluster, which does not know its resources (${message.trim()})`,
    {
      hint: 'kubectl apply --server-side -f deploy/kubernetes/crds; then `kubectl grit doctor` says what else is missing.',
    },
  );
}

/** The hint of the catalogue is for servers. */
function explainConfig(error: GritError): GritError {
  if (error.code !== 'GRIT_KUBE_CONFIG_INVALID') return error;
  return new GritError(error.code, error.message, {
    hint: 'Set --kubeconfig, --context or $KUBECONFIG; `kubectl config get-contexts` lists what there is.',
  });
}

/** Without the words that only say that it is about to say something. */
function plain(message: string): string {
  return message
    .replace(/^(create|get|list|patch|delete|update|apply) \S+: /, '')
    .replace(/^admission webhook "[^"]+" denied the request: /, '')
    .replace(/\s+/g, ' ');
}
