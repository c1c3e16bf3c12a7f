// SPDX-License-Identifier: Apache-2.0
import {
  KubeError,
  MIGRATIONS,
  PODS,
  type KubeClient,
  type Migration,
  type MigrationSpec,
  type Pod,
} from '@grit/plugin-kubernetes';
import { goOnOrMake } from '../order/go-on-or-make.js';
import { moveNameOf } from '../order/move-name.js';
import { rowsOfMove } from '../order/rows-of-move.js';
import { wantedMove } from '../order/wanted-move.js';
import { whyRefused } from '../order/why-refused.js';
import type { Row } from '../watch/row.js';
import type { Scene } from '../watch/scene.js';
import type { PodPlan } from './drain-plan.js';

/** Orders to the API server at once. */
const AT_ONCE = 8;
const EVICT_AGAIN_MS = 5_000;

type State =
  | { is: 'queued' }
  | { is: 'ordered'; migration: Migration }
  /** The order was not taken; nothing has happened to the pod. */
  | { is: 'refused'; why: string }
  | { is: 'evicting'; askedAt: number; accepted: boolean; why: string }
  | { is: 'gone' };

/** The pods of a node on their way: orders them, evicts what is to be evicted, and says how far each is. */
export class DrainOrders {
  readonly #states = new Map<PodPlan, State>();
  readonly #began = Date.now();

  constructor(
    private readonly client: KubeClient,
    private readonly node: string,
    plan: readonly PodPlan[],
    private readonly spec: MigrationSpec,
    private readonly parallel = Infinity,
  ) {
    for (const each of plan) {
      if (each.action === 'migrate') this.#states.set(each, { is: 'queued' });
      else if (each.action === 'evict') {
        this.#states.set(each, { is: 'evicting', askedAt: -Infinity, accepted: false, why: '' });
      }
    }
  }

  /** Pods that were not ordered yet. */
  get queued(): number {
    return [...this.#states.values()].filter((state) => state.is === 'queued').length;
  }

  /** Does what is due: orders the next pods, asks again for evictions, looks which of these pods are gone. */
  async step(rows: readonly Row[], signal: AbortSignal): Promise<void> {
    const active = rows.filter(({ outcome, object }) => outcome === undefined && object !== '').length;
    const due = [...this.#states]
      .filter(([, state]) => state.is === 'queued')
      .slice(0, Math.max(0, this.parallel - active));
    const left = [...due];
    const work = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        this.#states.set(next[0], await this.#order(next[0].pod, signal));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    // As they were before the orders: who was queued is under way now. Those that are evicted do not wait for each other.
    const underWay = rows.some(({ outcome, phase }) => outcome === undefined && !phase.startsWith('Evict'));
    for (const [plan, state] of this.#states) {
      // What does the moves goes when they are done.
      if (plan.stay?.reason === 'SystemPod' && underWay) continue;
      if (state.is === 'evicting') this.#states.set(plan, await this.#evict(plan.pod, state, signal));
    }
  }

  /** All pods that are moved or evicted, as they are now. */
  rows(scene: Scene): readonly Row[] {
    return [...this.#states].map(([{ pod }, state]) => this.#row(pod, state, scene));
  }

  async #order(pod: Pod, signal: AbortSignal): Promise<State> {
    const { name, namespace = '' } = pod.metadata;
    const wanted = wantedMove(namespace, { ...this.spec, podName: name });
    try {
      const placed = await goOnOrMake(this.client, MIGRATIONS, moveNameOf(pod), wanted, signal);
      return { is: 'ordered', migration: placed.object };
    } catch (error) {
      const why = whyRefused(error);
      if (why === undefined) throw error;
      return { is: 'refused', why };
    }
  }

  async #evict(pod: Pod, state: Extract<State, { is: 'evicting' }>, signal: AbortSignal): Promise<State> {
    const { name, namespace = '', uid } = pod.metadata;
    if (state.accepted) {
      const there = await this.client.find(PODS, { namespace, name }, signal);
      return there === undefined || there.metadata.uid !== uid ? { is: 'gone' } : state;
    }
    const now = performance.now();
    if (now - state.askedAt < EVICT_AGAIN_MS) return state;
    try {
      await this.client.evict({ name, namespace, uid }, {}, signal);
      return { ...state, askedAt: now, accepted: true, why: '' };
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      // Another pod of this name is not the one that is meant.
      if (error.isConflict) return { is: 'gone' };
      if (!error.isTooManyRequests) throw error;
      return { ...state, askedAt: now, why: error.message.replace(/^create \S+: /, '') };
    }
  }

  #row(pod: Pod, state: State, scene: Scene): Row {
    if (state.is === 'ordered') {
      const [row] = rowsOfMove(state.migration, scene);
      if (row !== undefined) return { ...row, from: row.from === '' ? this.node : row.from };
    }
    const bare = {
      namespace: pod.metadata.namespace ?? '',
      pod: pod.metadata.name,
      object: '',
      from: this.node,
      to: '',
      note: '',
      startedAt: this.#began,
      finishedAt: undefined,
    };
    switch (state.is) {
      case 'refused':
        return { ...bare, phase: 'Refused', note: state.why, outcome: 'returned' };
      case 'evicting':
        return { ...bare, phase: phaseOf(state), note: state.why };
      case 'gone':
        return { ...bare, phase: 'Evicted', outcome: 'evicted' };
      default:
        return { ...bare, phase: 'Queued' };
    }
  }
}

function phaseOf({ accepted, askedAt }: Extract<State, { is: 'evicting' }>): string {
  if (accepted) return 'Evicting';
  return askedAt === -Infinity ? 'EvictionQueued' : 'EvictionBlocked';
}
