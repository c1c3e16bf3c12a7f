// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '@grit/plugin-api';
import { NODES } from '../api/core-kinds.js';
import type { GritNode, GritNodeStatus } from '../api/grit-node.js';
import { MANAGERS } from '../api/group.js';
import { GRIT_NODES } from '../api/kinds.js';
import type { OwnerReference } from '../api/metadata.js';
import { defined } from '../kit/defined.js';
import type { KubeClient } from '../kit/kube-client.js';

/** What an agent knows of its node. */
export type NodeReport = Pick<GritNodeStatus, 'facts' | 'problems' | 'plugins' | 'agentVersion'>;

/** What a GritNode is published with. */
export interface NodePublisherOptions {
  readonly client: KubeClient;
  readonly node: string;
  readonly incarnation: string;
  readonly facts: (signal: AbortSignal) => Promise<NodeReport>;
  /** Between two looks at the facts. */
  readonly everyMs: number;
  readonly logger: Logger;
}

const SOON_MS = 2_000;

/** Keeps the GritNode as the node is: made when it is missing, owned by the Node and gone with it, written when something has changed. */
export class NodePublisher {
  #published: NodeReport | undefined;

  constructor(private readonly options: NodePublisherOptions) {}

  /** Publishes until the signal. `onFirst` is called when the node is known for the first time. */
  async run(signal: AbortSignal, onFirst: () => void): Promise<void> {
    let tell = (): void => {
      tell = () => undefined;
      onFirst();
    };
    for (;;) {
      const done = await this.#publish(signal).then(
        () => true,
        (error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          if (!signal.aborted) this.options.logger.warn('the GritNode was not published', { reason });
          return false;
        },
      );
      if (done) tell();
      const pause = done ? this.options.everyMs : Math.min(SOON_MS, this.options.everyMs);
      if (!(await delay(pause, true, { signal }).catch(() => false))) return;
    }
  }

  async #publish(signal: AbortSignal): Promise<void> {
    const { client, node: name, incarnation, facts } = this.options;
    const [report, node, there] = await Promise.all([
      facts(signal),
      client.get(NODES, { name }, signal),
      client.find(GRIT_NODES, { name }, signal),
    ]);
    const owner = { apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid ?? '' };
    const same = isDeepStrictEqual(report, this.#published) && there?.status?.incarnation === incarnation;
    if (same && isOwnedBy(there, owner)) return;
    const head = { apiVersion: GRIT_NODES.apiVersion, kind: GRIT_NODES.kind };
    const how = { manager: MANAGERS.agent, force: true };
    await client.apply(GRIT_NODES, { ...head, metadata: { name, ownerReferences: [owner] }, spec: {} }, how, signal);
    const { agentVersion, plugins, problems } = report;
    const status = {
      ...defined({ agentVersion, plugins, problems, facts: report.facts }),
      incarnation,
      publishedAt: new Date().toISOString(),
    };
    await client.apply(GRIT_NODES, { ...head, metadata: { name }, status }, { ...how, subresource: 'status' }, signal);
    this.#published = report;
  }
}

function isOwnedBy(object: GritNode | undefined, owner: OwnerReference): boolean {
  return object?.metadata.ownerReferences?.some(({ uid }) => uid === owner.uid) === true;
}
