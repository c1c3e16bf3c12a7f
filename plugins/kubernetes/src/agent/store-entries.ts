// SPDX-License-Identifier: Apache-2.0
import type { CheckpointStore, CheckpointStoreStatus } from '../api/checkpoint-store.js';
import { MANAGERS } from '../api/group.js';
import { STORES } from '../api/kinds.js';
import { defined } from '../kit/defined.js';
import type { KubeClient } from '../kit/kube-client.js';

/** What a node says of a store. */
export type NodeEntry = NonNullable<CheckpointStoreStatus['nodes']>[number];

/** What is known for sure of one try; `message` of another one does not stay. */
export type Tried = Pick<NodeEntry, 'generation' | 'ready' | 'message'>;

/**
 * Writes this node's own entry in the status of stores, under a field manager of its own. Each write has all of the entry: what it leaves out,
 * the API server removes.
 */
export class StoreEntries {
  readonly #known = new Map<string, Partial<NodeEntry>>();
  #writing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly client: KubeClient,
    private readonly node: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Errors: those of the API server. */
  async write(store: CheckpointStore, fields: Tried | Pick<NodeEntry, 'collected'>): Promise<void> {
    const { uid = '', name } = store.metadata;
    const before = this.of(store);
    const tried = 'ready' in fields ? { message: undefined, ...fields } : fields;
    const entry = defined({ ...before, ...tried, name: this.node });
    this.#known.set(uid, entry);
    const head = { apiVersion: STORES.apiVersion, kind: STORES.kind, metadata: { name, uid } };
    const how = { manager: `${MANAGERS.agent}-${this.node}`, force: true, subresource: 'status' } as const;
    // One after the other: the last one written is the last one said.
    const body = { ...head, status: { nodes: [entry as NodeEntry] } };
    const written = this.#writing.then(() => this.client.apply(STORES, body, how, this.signal));
    this.#writing = written.catch(() => undefined);
    await written;
  }

  /** What this node has said last. */
  of({ metadata, status }: CheckpointStore): Partial<NodeEntry> | undefined {
    return this.#known.get(metadata.uid ?? '') ?? status?.nodes?.find(({ name }) => name === this.node);
  }

  forget({ metadata }: CheckpointStore): void {
    this.#known.delete(metadata.uid ?? '');
  }
}
