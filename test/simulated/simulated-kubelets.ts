// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';
import { Informer, KEYS, PODS, type KubeClient, type Pod } from '@grit/plugin-kubernetes';
import type { Snapshot } from './observer.js';
import { creatingStatus, endedStatus, runningStatus } from './pod-status.js';
import { Processes } from './processes.js';
import type { StepBarriers } from './step-barriers.js';
import { RUN_MS } from './workload-objects.js';

const RETRY_MS = 500;

/** A pod on one of our nodes. */
interface Entry {
  pod: Pod;
  /** What starts when the gate is open: the processes of a dump, or fresh ones. */
  gate: { readonly from: Snapshot | undefined } | undefined;
  /** It was told to end; it does at this time of `performance.now()`. */
  killAt: number | undefined;
  finished: boolean;
  busy: boolean;
  /** Something changed while it was busy. */
  again: boolean;
  timer: NodeJS.Timeout | undefined;
  readonly podIP: string;
}

export interface KubeletOptions {
  readonly client: KubeClient;
  readonly nodes: ReadonlySet<string>;
  /** From the deletion of a pod to the end of its processes, milliseconds. */
  readonly graceMs: number;
  /** Passed at `pod.start` and `pod.end`. */
  readonly barriers: StepBarriers;
  readonly logger: Logger;
}

/**
 * The kubelets of all simulated nodes, on one watch: a bound pod runs, a pod that has taken a Restore waits for its agent as it does
 * behind our sandbox gate, a deleted pod ends, is reported as ended and is then gone. One patch for each change, none else.
 */
export class SimulatedKubelets {
  readonly processes: Processes;
  readonly #informer: Informer<Pod>;
  readonly #entries = new Map<string, Entry>();
  readonly #started = new Map<string, PromiseWithResolvers<undefined>>();
  #addresses = 0;
  readonly #end = new AbortController();

  constructor(private readonly options: KubeletOptions) {
    this.processes = new Processes((uid) => this.#finished(uid));
    const { client, logger } = options;
    this.#informer = new Informer(client, PODS, { fieldSelector: 'spec.nodeName!=', keep: trim }, logger);
    this.#informer.onChange(({ type, object }) => this.#changed(type, object));
  }

  /** Returns when it has seen all pods. */
  async start(signal: AbortSignal): Promise<void> {
    this.#informer.start(signal);
    await this.#informer.synced;
  }

  stop(): void {
    this.#end.abort();
    this.processes.stop();
    for (const { timer } of this.#entries.values()) clearTimeout(timer);
  }

  /** Opens the gate of a pod and waits until its processes run. Opened before already: only waits. */
  async openGate(podUid: string, from: Snapshot | undefined): Promise<void> {
    if (this.processes.has(podUid)) return;
    const started = this.#startedOf(podUid);
    const entry = this.#entries.get(podUid);
    if (entry !== undefined) {
      entry.gate ??= { from };
      this.#drive(entry);
    }
    await started;
  }

  /** Whether the kubelet of the node has the pod. */
  isBound(podUid: string, node: string): boolean {
    return this.#entries.get(podUid)?.pod.spec.nodeName === node;
  }

  #startedOf(podUid: string): Promise<unknown> {
    const known = this.#started.get(podUid) ?? Promise.withResolvers<undefined>();
    known.promise.catch(() => undefined);
    this.#started.set(podUid, known);
    return known.promise;
  }

  #changed(type: 'added' | 'modified' | 'deleted', pod: Pod): void {
    const { uid = '' } = pod.metadata;
    if (!this.options.nodes.has(pod.spec.nodeName ?? '')) return;
    if (type === 'deleted') {
      this.#forget(uid);
      return;
    }
    const known = this.#entries.get(uid);
    const entry: Entry = known ?? {
      pod,
      gate: undefined,
      killAt: undefined,
      finished: false,
      busy: false,
      again: false,
      timer: undefined,
      podIP: this.#nextAddress(),
    };
    entry.pod = pod;
    if (known === undefined) this.#entries.set(uid, entry);
    this.#drive(entry);
  }

  /** Gone by force, or at the end of our own deletion: nothing of it runs on. */
  #forget(uid: string): void {
    clearTimeout(this.#entries.get(uid)?.timer);
    this.#entries.delete(uid);
    this.processes.end(uid);
    this.#started.get(uid)?.reject(new Error(`pod ${uid} is gone`));
    this.#started.delete(uid);
  }

  #finished(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry === undefined) return;
    entry.finished = true;
    this.#drive(entry);
  }

  #drive(entry: Entry): void {
    if (this.#end.signal.aborted) return;
    entry.again = entry.busy;
    if (entry.busy) return;
    entry.busy = true;
    clearTimeout(entry.timer);
    void this.#step(entry)
      .catch((error: unknown) => {
        this.options.logger.debug('kubelet', { pod: entry.pod.metadata.name, reason: String(error) });
        return RETRY_MS;
      })
      .then((waitMs) => {
        entry.busy = false;
        if (this.#end.signal.aborted || this.#entries.get(entry.pod.metadata.uid ?? '') !== entry) return;
        if (entry.again) this.#drive(entry);
        else if (waitMs !== undefined) entry.timer = setTimeout(() => this.#drive(entry), waitMs);
      });
  }

  /** Does the next thing. Returns after how long it is to be looked at again if nothing changes. */
  async #step(entry: Entry): Promise<number | undefined> {
    const { pod } = entry;
    const { uid = '', deletionTimestamp, annotations = {} } = pod.metadata;
    const phase = pod.status?.phase ?? 'Pending';
    const over = phase === 'Succeeded' || phase === 'Failed';
    if (deletionTimestamp !== undefined) {
      entry.killAt ??= performance.now() + this.options.graceMs;
      const left = entry.killAt - performance.now();
      if (left > 0 && !over) return left;
      await this.options.barriers.pass('pod.end', pod.spec.nodeName ?? '', nameOf(pod), this.#end.signal);
      this.processes.end(uid);
      if (!over) await this.#post(entry, endedStatus(pod, entry.finished ? 'Succeeded' : 'Failed', new Date()));
      await this.options.client.delete(PODS, pod.metadata, { uid, gracePeriodSeconds: 0 }, never);
      return undefined;
    }
    if (over) return undefined;
    if (entry.finished) {
      await this.#post(entry, endedStatus(pod, 'Succeeded', new Date()));
      return undefined;
    }
    if (annotations[KEYS.restoreName] !== undefined && entry.gate === undefined) {
      const posted = pod.status?.containerStatuses !== undefined;
      if (!posted) await this.#post(entry, creatingStatus(pod, hostIP, new Date()));
      return undefined;
    }
    if (!this.processes.has(uid)) {
      await this.options.barriers.pass('pod.start', pod.spec.nodeName ?? '', nameOf(pod), this.#end.signal);
      this.#run(entry);
    }
    this.#started.get(uid)?.resolve(undefined);
    if (phase !== 'Running') await this.#post(entry, runningStatus(pod, hostIP, entry.podIP, new Date()));
    return undefined;
  }

  #run({ pod, gate }: Entry): void {
    const { uid = '', annotations = {} } = pod.metadata;
    const runMs = annotations[RUN_MS];
    this.processes.start(
      { uid, name: nameOf(pod), node: pod.spec.nodeName ?? '', ownerUid: ownerUidOf(pod) },
      runMs === undefined ? undefined : Number(runMs),
      gate?.from,
    );
  }

  /** Refused when the pod has changed since we saw it: the change drives us again. */
  async #post({ pod }: Entry, status: Readonly<Record<string, unknown>>): Promise<void> {
    const { resourceVersion } = pod.metadata;
    const body = { metadata: { resourceVersion }, status };
    this.#informer.stored(await this.options.client.patch(PODS, pod.metadata, body, { subresource: 'status' }, never));
  }

  #nextAddress(): string {
    const n = (this.#addresses += 1);
    return `10.${64 + ((n >> 16) & 63)}.${(n >> 8) & 255}.${n & 255}`;
  }
}

function nameOf({ metadata }: Pod): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function ownerUidOf(pod: Pod): string | undefined {
  return pod.metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
}

const hostIP = '192.0.2.1';
const never = new AbortController().signal;

/** What is looked at here; 2,000 whole pods would be 30 MB. */
function trim(pod: Pod): Pod {
  const { name, namespace, uid, resourceVersion, deletionTimestamp, annotations, ownerReferences } = pod.metadata;
  const { nodeName, containers } = pod.spec;
  const { phase, conditions, containerStatuses } = pod.status ?? {};
  return {
    metadata: defined({ name, namespace, uid, resourceVersion, deletionTimestamp, annotations, ownerReferences }),
    spec: defined({
      nodeName,
      containers: containers.map(({ name: container, image }) => defined({ name: container, image })),
    }),
    status: defined({ phase, conditions, containerStatuses }),
  };
}

/** Without the keys whose value is undefined. */
function defined<T extends object>(of: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as never;
}
