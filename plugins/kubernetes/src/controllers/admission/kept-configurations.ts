// SPDX-License-Identifier: Apache-2.0
import type { AdmissionContext } from '../../admission/admission-context.js';
import type { ResourceType } from '../../api/kinds.js';
import { MANAGERS } from '../../api/group.js';
import type { Restore } from '../../api/restore.js';
import { coveredNamespaces } from './covered-namespaces.js';
import { includes } from './includes.js';
import { SharedProbes } from './shared-probes.js';
import { CONFIGURATIONS, mutatingOurs, mutatingPods, validatingOurs, validatingPods } from './wanted-configurations.js';
import { MUTATING, VALIDATING, type WebhookConfiguration } from './webhook-configuration.js';

/** A configuration that was seen to be as wanted is not looked at again for so long, in ms. */
const SURE_MS = 10_000;
const NONE = 'none';

type Context = Pick<AdmissionContext, 'client' | 'settings' | 'clock' | 'logger'>;
type Type = ResourceType<WebhookConfiguration>;

/** Our webhook configurations on the API server. */
export class KeptConfigurations {
  readonly #context: Context;
  /** What each was when it was looked at last, and when. */
  readonly #seen = new Map<string, { readonly wanted: string; readonly at: number }>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Makes them what they have to be. Throws KubeErrors. */
  async keep(ca: string, restores: readonly Restore[], signal: AbortSignal): Promise<void> {
    const { client, settings } = this.#context;
    const namespaces = coveredNamespaces(restores, settings.namespace);
    SharedProbes.of(client).keepOnly(namespaces);
    await this.#put(VALIDATING, validatingOurs(settings, ca), signal);
    await this.#put(MUTATING, mutatingOurs(settings, ca), signal);
    if (namespaces.length > 0) {
      // The second look first: once the first one is in force, both are.
      await this.#put(VALIDATING, validatingPods(settings, ca, namespaces), signal);
      await this.#put(MUTATING, mutatingPods(settings, ca, namespaces), signal);
    } else {
      await this.#drop(MUTATING, CONFIGURATIONS.pods, signal);
      await this.#drop(VALIDATING, CONFIGURATIONS.pods, signal);
    }
  }

  async #put(type: Type, wanted: WebhookConfiguration, signal: AbortSignal): Promise<void> {
    const { client, logger } = this.#context;
    const { name } = wanted.metadata;
    await this.#unlessSeen(type, name, JSON.stringify(wanted), async () => {
      const present = await client.find(type, { name }, signal);
      if (includes(present, wanted)) return;
      await client.apply(type, wanted, { manager: MANAGERS.controller, force: true }, signal);
      logger.info('webhook configuration written', { kind: type.kind, name });
    });
  }

  async #drop(type: Type, name: string, signal: AbortSignal): Promise<void> {
    const { client, logger } = this.#context;
    await this.#unlessSeen(type, name, NONE, async () => {
      if ((await client.find(type, { name }, signal)) === undefined) return;
      await client.delete(type, { name }, {}, signal);
      logger.info('webhook configuration removed, no Restore waits', { kind: type.kind, name });
    });
  }

  async #unlessSeen(type: Type, name: string, wanted: string, look: () => Promise<void>): Promise<void> {
    const key = `${type.kind}/${name}`;
    const now = this.#context.clock().getTime();
    const seen = this.#seen.get(key);
    if (seen?.wanted === wanted && now - seen.at < SURE_MS) return;
    this.#seen.delete(key);
    await look();
    this.#seen.set(key, { wanted, at: now });
  }
}
