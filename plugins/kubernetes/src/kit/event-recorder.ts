// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Logger } from '@grit/plugin-api';
import { EVENTS } from '../api/core-kinds.js';
import type { KubeObject } from '../api/metadata.js';
import { aborted } from './aborted.js';
import type { KubeClient } from './kube-client.js';

/** The same event within this time is counted, not made anew. */
const SAME_MS = 600_000;
/** Events that wait; more are dropped: they are news, not state. */
const WAITING = 1_000;
/** At most this many new events for one object in {@link SAME_MS}. */
const PER_OBJECT = 25;

interface Known {
  readonly name: string;
  readonly firstTimestamp: string;
  count: number;
  readonly at: number;
}

/** Tells of what happened to objects, as `kubectl describe` shows it. Never throws, never waits. */
export class EventRecorder {
  readonly #known = new Map<string, Known>();
  readonly #perObject = new Map<string, { count: number; readonly since: number }>();
  readonly #waiting: (() => Promise<unknown>)[] = [];
  #sending: Promise<void> | undefined;

  constructor(
    private readonly client: KubeClient,
    private readonly component: string,
    private readonly logger: Logger,
  ) {}

  event(object: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const now = performance.now();
    const { uid = '', namespace = 'default' } = object.metadata;
    const key = createHash('sha256').update([uid, type, reason, message].join('\0')).digest('hex').slice(0, 16);
    const known = this.#known.get(key);
    if (known !== undefined && now - known.at < SAME_MS) {
      known.count += 1;
      this.#count(namespace, known);
      return;
    }
    if (!this.#mayTell(uid, now)) return;
    const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const name = `${object.metadata.name.slice(0, 200).replace(/[^a-z0-9]+$/, '')}.${key}${Date.now().toString(36)}`;
    const told: Known = { name, firstTimestamp: time, count: 1, at: now };
    this.#remember(key, told);
    const { apiVersion, kind } = object;
    const { resourceVersion } = object.metadata;
    const body = {
      metadata: { name, namespace },
      involvedObject: {
        apiVersion,
        kind,
        name: object.metadata.name,
        namespace: object.metadata.namespace,
        uid,
        resourceVersion,
      },
      type,
      reason,
      message: message.slice(0, 1024),
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      source: { component: this.component },
      reportingComponent: this.component,
    };
    this.#send(async () => {
      try {
        await this.client.create(EVENTS, body, {}, AbortSignal.timeout(10_000));
      } catch (error) {
        // It is not there to be counted: the next one is told anew.
        if (this.#known.get(key) === told) this.#known.delete(key);
        throw error;
      }
    });
  }

  /** Waits for what was told so far, until the signal is aborted. */
  async flush(signal: AbortSignal): Promise<void> {
    const gaveUp = aborted(signal);
    while (this.#sending !== undefined && !signal.aborted) await Promise.race([this.#sending, gaveUp]);
  }

  #count(namespace: string, known: Known): void {
    // Powers of two only: a storm of the same event is a few writes.
    if ((known.count & (known.count - 1)) !== 0) return;
    const lastTimestamp = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const body = { count: known.count, lastTimestamp };
    this.#send(() => this.client.patch(EVENTS, { namespace, name: known.name }, body, {}, AbortSignal.timeout(10_000)));
  }

  #mayTell(uid: string, now: number): boolean {
    let told = this.#perObject.get(uid);
    if (told === undefined || now - told.since > SAME_MS) told = { count: 0, since: now };
    told.count += 1;
    this.#perObject.delete(uid);
    this.#perObject.set(uid, told);
    if (this.#perObject.size > 5_000) this.#perObject.delete(this.#perObject.keys().next().value ?? '');
    return told.count <= PER_OBJECT;
  }

  #remember(key: string, known: Known): void {
    this.#known.delete(key);
    this.#known.set(key, known);
    if (this.#known.size > 5_000) this.#known.delete(this.#known.keys().next().value ?? '');
  }

  #send(call: () => Promise<unknown>): void {
    if (this.#waiting.length >= WAITING) return;
    this.#waiting.push(call);
    this.#sending ??= this.#drain();
  }

  async #drain(): Promise<void> {
    for (let call = this.#waiting.shift(); call !== undefined; call = this.#waiting.shift()) {
      await call().catch((error: unknown) => {
        this.logger.debug('an event was not taken', { reason: error instanceof Error ? error.message : String(error) });
      });
    }
    // In the same turn: whatever is told after finds nobody sending.
    this.#sending = undefined;
  }
}
