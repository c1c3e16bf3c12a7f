// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';
import { AdmissionRefusal } from './admission-refusal.js';
import type { AdmissionHandler, AdmissionRequest, Admitted } from './admission-review.js';

/** The API server waits 10 s; an answer of ours that says why is better than its own. */
const TIMEOUT_MS = 9_000;

/** Asks the handler and puts its answer into a review. Whatever goes wrong is a no. */
export async function answerReview(
  handler: AdmissionHandler,
  request: AdmissionRequest,
  logger: Logger,
): Promise<object> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return review(request, { allowed: true, ...admitted(await handler(request, timeout)) });
  } catch (error) {
    const refusal = error instanceof AdmissionRefusal ? error : undecided(error, timeout.aborted);
    const { kind, metadata } = request.object;
    const about = { kind: kind ?? '', namespace: request.namespace, name: metadata.name, message: refusal.message };
    if (refusal.code >= 500) logger.error('admission failed', { ...about, cause: String(error) });
    else logger.info('refused', about);
    return review(request, { allowed: false, status: statusOf(refusal) });
  }
}

function admitted({ patch = [], warnings = [] }: Admitted): object {
  return {
    ...(patch.length === 0
      ? {}
      : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }),
    // The API server cuts what is longer.
    ...(warnings.length === 0 ? {} : { warnings: warnings.map((warning) => warning.slice(0, 250)) }),
  };
}

function undecided(error: unknown, late: boolean): AdmissionRefusal {
  const why = late ? 'the API server did not answer in time' : error instanceof Error ? error.message : String(error);
  return new AdmissionRefusal('', `GRIT could not decide about this object, try again: ${why}`, 'InternalError');
}

function statusOf({ code, reason, message, field, problem }: AdmissionRefusal): object {
  const causes = field === '' ? [] : [{ reason: 'FieldValueInvalid', message: problem, field }];
  return { status: 'Failure', code, reason, message, ...(causes.length === 0 ? {} : { details: { causes } }) };
}

function review({ uid }: AdmissionRequest, response: object): object {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, ...response } };
}
