// SPDX-License-Identifier: Apache-2.0
import { GritError, type Logger } from '@grit/plugin-api';
import { MANAGERS } from '../api/group.js';
import type { ResourceType } from '../api/kinds.js';
import type { StepReport } from '../api/step.js';
import { KubeError } from '../kit/kube-error.js';
import type { KubeClient } from '../kit/kube-client.js';
import { insist } from './insist.js';
import { isNewer } from './newer.js';
import type { OrderingObject } from './wake-job.js';

/** What a writer needs. */
export interface ReportTarget {
  readonly client: KubeClient;
  readonly type: ResourceType<OrderingObject>;
  /** As it was when the order was read. */
  readonly object: OrderingObject;
  readonly token: string;
  readonly logger: Logger;
}

/**
 * Writes the reports on one order. Each write holds only for the version of the object that was looked at, and only an object that
 * still has the order is written to: a report under an old token cannot get into the status, however late it comes.
 */
export class ReportWriter {
  #latest: OrderingObject;

  constructor(private readonly target: ReportTarget) {
    this.#latest = target.object;
  }

  /** Takes a version that was seen elsewhere, which spares a conflict. */
  saw(object: OrderingObject): void {
    if (isNewer(object, this.#latest)) this.#latest = object;
  }

  /** Writes once. Throws GRIT_STEP_FENCED when the order is no more, and what the API server says when it cannot be written. */
  async write(report: Omit<StepReport, 'token'>, signal: AbortSignal): Promise<void> {
    const { client, type, token } = this.target;
    const status = { report: { token, ...report } };
    for (;;) {
      const { name, namespace, uid, resourceVersion } = this.#ordered().metadata;
      const metadata = { name, namespace, uid, resourceVersion } as OrderingObject['metadata'];
      const body = { apiVersion: type.apiVersion, kind: type.kind, metadata, status } as Partial<OrderingObject> & {
        metadata: OrderingObject['metadata'];
      };
      try {
        this.saw(
          await client.apply(type, body, { manager: MANAGERS.agent, force: true, subresource: 'status' }, signal),
        );
        return;
      } catch (error) {
        if (!(error instanceof KubeError) || (!error.isConflict && !error.isNotFound)) throw error;
      }
      await this.#readAgain(signal);
    }
  }

  /** Writes, however long the API server is away: what was done must be told. Throws GRIT_STEP_FENCED, and what can never be written. */
  async insist(report: Omit<StepReport, 'token'>, signal: AbortSignal): Promise<void> {
    await insist(() => this.write(report, signal), this.target.logger, signal, isHopeless);
  }

  #ordered(): OrderingObject {
    const { token, object } = this.target;
    const latest = this.#latest;
    if (latest.metadata.uid === object.metadata.uid && latest.status?.step?.token === token) return latest;
    throw fenced(object);
  }

  async #readAgain(signal: AbortSignal): Promise<void> {
    const { client, type, object } = this.target;
    const found = await client.find(type, object.metadata, signal);
    if (found === undefined) throw fenced(object);
    this.#latest = found;
  }
}

function fenced({ metadata }: OrderingObject): GritError {
  return new GritError('GRIT_STEP_FENCED', `the order of ${metadata.namespace ?? ''}/${metadata.name} is no more`);
}

/** Neither a fenced report nor one that the schema refuses gets better by waiting. */
function isHopeless(error: unknown): boolean {
  return !(error instanceof KubeError) || error.status === 400 || error.status === 422;
}
