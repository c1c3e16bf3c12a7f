// SPDX-License-Identifier: Apache-2.0
import { aborted } from '../kit/aborted.js';
import type { AdmissionContext } from './admission-context.js';
import type { CertificateSource } from './certificates/certificate-source.js';
import { gpuProfile } from './gpu-profiles/gpu-profile.js';
import { checkPod } from './pods/check-pod.js';
import { mutatePod } from './pods/mutate-pod.js';
import { defaultRestore } from './restores/default-restore.js';
import { validateRestore } from './restores/validate-restore.js';
import type { AdmissionHandler } from './server/admission-review.js';
import { startWebhookServer, type WebhookServer } from './server/webhook-server.js';
import { validateCheckpoint } from './validate/validate-checkpoint.js';
import { validateMigration } from './validate/validate-migration.js';
import { validateStore } from './validate/validate-store.js';
import { PATHS } from './webhook-paths.js';

/** Starts the admission server of this replica; it ends with the signal. Every replica answers, the leader or not. */
export async function startAdmission(
  context: AdmissionContext,
  certificates: CertificateSource,
  signal: AbortSignal,
): Promise<WebhookServer> {
  const { settings, logger } = context;
  const ready = filled(context);
  let waiting: string | undefined = 'the caches are not filled yet';
  const server = await startWebhookServer({
    host: settings.webhook.host,
    port: settings.webhook.port,
    tls: () => certificates.current,
    handlers: handlersOf(context, ready),
    notReady: () => waiting,
    logger,
  });
  const stop = certificates.onChange(() => server.reload());
  signal.addEventListener('abort', () => {
    stop();
    void server.close();
  });
  void ready.then(() => {
    waiting = undefined;
  });
  return server;
}

function handlersOf(context: AdmissionContext, ready: Promise<void>): Record<string, AdmissionHandler> {
  const handlers = {
    [PATHS.validateCheckpoint]: validateCheckpoint(context),
    [PATHS.validateRestore]: validateRestore(context),
    [PATHS.validateMigration]: validateMigration(context),
    [PATHS.validateStore]: validateStore(context),
    [PATHS.defaultRestore]: defaultRestore(context),
    [PATHS.mutatePod]: mutatePod(context),
    [PATHS.validatePod]: checkPod(context),
  };
  // A request that comes early waits for the caches rather than being decided without them.
  const waiting = Object.fromEntries<AdmissionHandler>(
    Object.entries(handlers).map(([path, handler]) => [
      path,
      async (request, signal) => {
        await Promise.race([ready, aborted(signal)]);
        signal.throwIfAborted();
        return handler(request, signal);
      },
    ]),
  );
  // This one needs no caches, and nobody is to wait for it.
  return context.settings.gpuProfiles.enabled ? { ...waiting, [PATHS.gpuProfile]: gpuProfile(context) } : waiting;
}

async function filled({ informers }: AdmissionContext): Promise<void> {
  const { checkpoints, restores, stores, gritNodes, pods, nodes } = informers;
  await Promise.all([checkpoints, restores, stores, gritNodes, pods, nodes].map((informer) => informer.synced));
}
