// SPDX-License-Identifier: Apache-2.0
import type { AdmissionContext } from '../../admission/admission-context.js';
import type { CertificateSource } from '../../admission/certificates/certificate-source.js';
import { Controller } from '../../kit/controller.js';
import { KeptConfigurations } from './kept-configurations.js';
import { WritesUnderWay } from './writes-under-way.js';

const KEY = 'webhooks';
const LOOK_AGAIN_MS = 15_000;

/** The definition of a controller that needs no more than this. */
export interface AdmissionController {
  readonly name: string;
  start(context: AdmissionContext, signal: AbortSignal): Controller;
}

/** Keeps the webhook configurations, and renews the certificates that they trust. */
export function admissionController(certificates: CertificateSource): AdmissionController {
  return {
    name: 'admission',
    start(context, signal) {
      const { restores } = context.informers;
      const configurations = new KeptConfigurations(context);
      const writes = WritesUnderWay.of(context.client);
      const controller = new Controller({
        name: 'admission',
        concurrency: 1,
        logger: context.logger,
        reconcile: async (_, stop) => {
          // Not known is not the same as none.
          await restores.synced;
          await certificates.renewIfDue(stop);
          await writes.run(() => configurations.keep(certificates.current.ca, restores.list(), stop));
          return { requeueAfterMs: LOOK_AGAIN_MS };
        },
      });
      const ends = [
        certificates.onChange(() => controller.enqueue(KEY)),
        restores.onChange(() => controller.enqueue(KEY)),
      ];
      signal.addEventListener('abort', () => ends.forEach((end) => end()), { once: true });
      controller.enqueue(KEY);
      return controller;
    },
  };
}
