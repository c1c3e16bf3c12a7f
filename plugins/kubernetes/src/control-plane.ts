// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { JobQueue, Logger } from '@grit/plugin-api';
import type { CertificateSource } from './admission/certificates/certificate-source.js';
import { openCertificates } from './admission/certificates/open-certificates.js';
import { startAdmission } from './admission/start-admission.js';
import { checkCluster } from './check-cluster.js';
import type { KubernetesConfig } from './config-schema.js';
import { admissionController } from './controllers/admission/controller.js';
import { checkpointController } from './controllers/checkpoint/checkpoint-controller.js';
import type { ControlContext, ControllerDefinition } from './controllers/context.js';
import { fillInformers, makeInformers } from './controllers/informers.js';
import { migrationController } from './controllers/migration/migration-controller.js';
import { nodeController } from './controllers/node/node-controller.js';
import { restoreController } from './controllers/restore/restore-controller.js';
import { storeController } from './controllers/store/store-controller.js';
import { aborted } from './kit/aborted.js';
import { EventRecorder } from './kit/event-recorder.js';
import { KubeClient } from './kit/kube-client.js';
import { runAsLeader } from './kit/leader.js';
import { StepDispatcher } from './steps/step-dispatcher.js';

const COMPONENT = 'grit-controller';

/** A replica of the control side: it answers admission, and runs the controllers while it leads. */
export class ControlPlane {
  readonly #ended = new AbortController();
  readonly #client: KubeClient;
  readonly #identity: string;
  #leading: Promise<void> = Promise.resolve();
  #events: EventRecorder | undefined;

  constructor(
    private readonly settings: KubernetesConfig,
    private readonly queue: JobQueue,
    private readonly logger: Logger,
  ) {
    this.#client = KubeClient.fromConfig({ kubeconfig: settings.kubeconfig, userAgent: COMPONENT });
    this.#identity = settings.identity ?? `${hostname()}-${randomUUID().slice(0, 8)}`;
  }

  /** Returns when admission is answered and the caches are filled. Errors: those of checkCluster. */
  async start(signal: AbortSignal): Promise<void> {
    const { settings, logger } = this;
    const client = this.#client;
    try {
      await checkCluster(client, signal);
      const informers = makeInformers(client, settings.namespace, logger);
      // Of all replicas the same: what one has written another one counts from.
      const clock = (): Date => client.now();
      const events = new EventRecorder(client, COMPONENT, logger);
      this.#events = events;
      const dispatcher = new StepDispatcher(this.queue, logger);
      const identity = this.#identity;
      const context: ControlContext = { client, informers, dispatcher, events, settings, logger, clock, identity };
      const filled = fillInformers(informers, this.#ended.signal);
      const certificates = await openCertificates(context, this.#ended.signal);
      await startAdmission(context, certificates, this.#ended.signal);
      await Promise.race([filled, aborted(signal)]);
      signal.throwIfAborted();
      this.#leading = this.#lead(context, certificates);
    } catch (error) {
      this.#ended.abort();
      await client.close();
      throw error;
    }
  }

  /** Gives the lead back, so that another replica need not wait for it. The signal is the deadline. */
  async stop(signal: AbortSignal): Promise<void> {
    await this.#events?.flush(AbortSignal.any([signal, AbortSignal.timeout(1_000)]));
    this.#ended.abort();
    await Promise.race([this.#leading, aborted(signal)]);
    this.logger.info('calls to the API server', Object.fromEntries(this.#client.calls));
    await this.#client.close();
  }

  async #lead(context: ControlContext, certificates: CertificateSource): Promise<void> {
    const { namespace, leaderElection } = this.settings;
    const work = (signal: AbortSignal): Promise<void> => runControllers(context, certificates, signal);
    const { signal } = this.#ended;
    if (!leaderElection.enabled) return work(signal);
    const options = {
      namespace,
      name: leaderElection.leaseName,
      identity: this.#identity,
      leaseDurationMs: leaderElection.leaseSeconds * 1000,
      renewDeadlineMs: leaderElection.renewSeconds * 1000,
      retryMs: leaderElection.retrySeconds * 1000,
      logger: this.logger,
    };
    return runAsLeader(this.#client, options, work, signal);
  }
}

/** All controllers, anew for each time of leading: what they remember would be old. */
async function runControllers(
  context: ControlContext,
  certificates: CertificateSource,
  signal: AbortSignal,
): Promise<void> {
  // The dispatcher remembers what it sent; another leader may have sent other orders since.
  const fresh = { ...context, dispatcher: context.dispatcher.anew() };
  const definitions: readonly ControllerDefinition[] = [
    admissionController(certificates),
    nodeController,
    storeController,
    checkpointController,
    restoreController,
    migrationController,
  ];
  await Promise.all(definitions.map((definition) => definition.start(fresh, signal).run(signal)));
}
