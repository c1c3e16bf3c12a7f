// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@grit/plugin-api';
import { LEASES, type Lease } from '../api/core-kinds.js';
import { isAborted } from './aborted.js';
import type { KubeClient } from './kube-client.js';
import { KubeError } from './kube-error.js';

const GIVE_BACK_MS = 5_000;

/** How a leader is chosen. */
export interface LeaderOptions {
  readonly namespace: string;
  readonly name: string;
  /** Who stands for the lead: different for each process. */
  readonly identity: string;
  /** A lease that was not renewed for this long is free. Default 15 s. */
  readonly leaseDurationMs?: number | undefined;
  /** A leader that could not renew for this long gives up; two thirds of the duration if that is shorter. Default 10 s. */
  readonly renewDeadlineMs?: number | undefined;
  /** Pause between looks. Default 2 s. */
  readonly retryMs?: number | undefined;
  readonly logger: Logger;
}

interface Seen {
  readonly version: string;
  /** By performance.now(): the clocks of others are never believed. */
  readonly at: number;
}

/**
 * Leads while it holds the Lease, again and again, until the signal is aborted. The signal given to `lead` is aborted before anybody
 * else can hold the Lease, also when the API server is away or the clocks differ.
 */
export async function runAsLeader(
  client: KubeClient,
  options: LeaderOptions,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { leaseDurationMs = 15_000, retryMs = 2_000, logger, identity } = options;
  const deadlineMs = deadlineOf(options);
  let seen: Seen | undefined;
  let wasThere = false;
  while (!signal.aborted) {
    const before = performance.now();
    let held: Lease | undefined;
    // An answer that comes later is of no use: what was taken is too old to lead with.
    const patience = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
    try {
      const lease = await client.find(LEASES, { namespace: options.namespace, name: options.name }, patience);
      const version = lease?.metadata.resourceVersion ?? '';
      // One that was deleted may still be led with, as one that was not renewed.
      const isNew = lease === undefined && !wasThere;
      wasThere ||= lease !== undefined;
      if (seen?.version !== version) seen = { version, at: performance.now() };
      const holder = lease?.spec?.holderIdentity ?? '';
      const duration = Math.max(leaseDurationMs, (lease?.spec?.leaseDurationSeconds ?? 0) * 1000);
      const isGivenBack = lease !== undefined && holder === '';
      const isFree = isNew || isGivenBack || holder === identity || performance.now() - seen.at > duration;
      if (isFree) held = await take(client, options, lease, patience);
    } catch (error) {
      if (isAborted(signal)) return;
      if (!(error instanceof KubeError && (error.isConflict || error.isAlreadyExists))) {
        logger.warn('leader election: no answer', { reason: error instanceof Error ? error.message : String(error) });
      }
    }
    if (held === undefined || performance.now() - before >= deadlineMs)
      await delay(retryMs, undefined, { signal }).catch(() => undefined);
    else {
      logger.info('leading', { identity });
      await hold(client, options, held, before, lead, signal);
      seen = undefined;
      wasThere = false;
      // Not at once: a lead that fails would go round and round, and others wait, too.
      await delay(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Leads and renews; returns when the lead is lost or given back and the work has ended. */
async function hold(
  client: KubeClient,
  options: LeaderOptions,
  first: Lease,
  since: number,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { retryMs = 2_000, logger, identity } = options;
  const renewDeadlineMs = deadlineOf(options);
  const lost = new AbortController();
  const end = (): void => lost.abort();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const work = (async () => lead(lost.signal))()
    .catch((error: unknown) => {
      if (lost.signal.aborted) return;
      logger.error('the leader failed', { reason: error instanceof Error ? error.message : String(error) });
    })
    .finally(end);
  let lease = first;
  let renewedAt = since;
  // Aborts by itself when renewals hang: a timer does not depend on their answers.
  let deadline = setTimeout(end, renewDeadlineMs - (performance.now() - since));
  while (!lost.signal.aborted) {
    await delay(retryMs, undefined, { signal: lost.signal }).catch(() => undefined);
    if (isAborted(lost.signal)) break;
    const asked = performance.now();
    try {
      // Less than the deadline, so that a connection that hangs leaves time for another one.
      const patience = AbortSignal.any([lost.signal, AbortSignal.timeout(Math.ceil(renewDeadlineMs / 3))]);
      lease = await write(client, options, lease, patience);
      renewedAt = asked;
      clearTimeout(deadline);
      deadline = setTimeout(end, renewDeadlineMs - (performance.now() - asked));
    } catch (error) {
      if (error instanceof KubeError && error.isConflict) {
        const present = await client.find(LEASES, lease.metadata, lost.signal).catch(() => undefined);
        if (present !== undefined && present.spec?.holderIdentity !== identity) end();
        else if (present !== undefined) lease = present;
      } else if (error instanceof KubeError && error.isNotFound) end();
      else if (!isAborted(lost.signal)) {
        logger.warn('the lease was not renewed', { reason: error instanceof Error ? error.message : String(error) });
      }
    }
  }
  clearTimeout(deadline);
  signal.removeEventListener('abort', end);
  logger.info('not leading any more', { identity, renewedMsAgo: Math.round(performance.now() - renewedAt) });
  await work;
  await giveBack(client, lease, identity);
}

/** So that the next one need not wait. A renewal that was broken off may have been stored: then what is there now is given back. */
async function giveBack(client: KubeClient, held: Lease, identity: string): Promise<void> {
  const signal = AbortSignal.timeout(GIVE_BACK_MS);
  try {
    const lease = await client.find(LEASES, held.metadata, signal);
    if (lease?.spec?.holderIdentity !== identity) return;
    const free = { ...lease, spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 } };
    await client.replace(LEASES, free, {}, signal);
  } catch {
    // The others wait until it is too old.
  }
}

/** Shorter than the lease, however it is configured. */
function deadlineOf({ leaseDurationMs = 15_000, renewDeadlineMs = 10_000 }: LeaderOptions): number {
  return Math.min(renewDeadlineMs, (leaseDurationMs * 2) / 3);
}

async function take(
  client: KubeClient,
  options: LeaderOptions,
  lease: Lease | undefined,
  signal: AbortSignal,
): Promise<Lease> {
  const now = micro(new Date());
  const spec = {
    ...specOf(options),
    acquireTime: now,
    renewTime: now,
    leaseTransitions: (lease?.spec?.leaseTransitions ?? -1) + 1,
  };
  const { namespace, name } = options;
  if (lease === undefined) return client.create(LEASES, { metadata: { namespace, name }, spec }, {}, signal);
  return client.replace(LEASES, { ...lease, spec }, {}, signal);
}

function write(client: KubeClient, options: LeaderOptions, lease: Lease, signal: AbortSignal): Promise<Lease> {
  const spec = { ...lease.spec, ...specOf(options), renewTime: micro(new Date()) };
  return client.replace(LEASES, { ...lease, spec }, {}, signal);
}

function specOf(options: LeaderOptions): { readonly holderIdentity: string; readonly leaseDurationSeconds: number } {
  return {
    holderIdentity: options.identity,
    leaseDurationSeconds: Math.max(1, Math.ceil((options.leaseDurationMs ?? 15_000) / 1000)),
  };
}

/** metav1.MicroTime. */
function micro(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
