// SPDX-License-Identifier: Apache-2.0
import {
  coreServices,
  GritError,
  provide,
  type Logger,
  type PluginHostRole,
  type ServiceBinding,
  type ServiceRef,
} from '@grit/plugin-api';
import type { PluginReport } from '../api/platform-api.js';
import { keysOf } from '../config/encryption-config.js';
import type { LoadedConfig } from '../config/load-config.js';
import { GRIT_VERSION } from './grit-version.js';
import { PluginSlot } from './plugin-slot.js';
import { preparePlugins } from './prepare-plugins.js';
import { providersFor } from './discovery/plugin-order.js';
import { startPlugin } from './start-plugin.js';
import { withinDeadline } from './within-deadline.js';

/** What a host needs. */
export interface PluginHostOptions {
  readonly config: LoadedConfig;
  readonly role: PluginHostRole;
  /** Default: the configuration's. */
  readonly node?: string | undefined;
  /** Each plugin gets `plugins/NAME` below it. Absolute. */
  readonly stateDirectory: string;
  readonly logger: Logger;
  /** What is offered to plugins beside the core services. */
  readonly services?: readonly ServiceBinding[] | undefined;
  /** Instead of /opt/grit/plugins. */
  readonly pluginDirectory?: string | undefined;
  /** For one plugin; default 30,000. */
  readonly startDeadlineMs?: number | undefined;
  /** For one plugin; default 5,000. */
  readonly stopDeadlineMs?: number | undefined;
}

const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 5_000;

/** The plugins of one process: checks all before any starts, starts them, hands out their services, stops them. */
export class PluginHost {
  /** In the order in which they have started. */
  readonly #started: PluginSlot[] = [];
  #slots: readonly PluginSlot[] = [];
  #checking: Promise<void> | undefined;
  #starting: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;
  readonly #giveUp = new AbortController();

  constructor(private readonly options: PluginHostOptions) {}

  /**
   * Finds and checks the plugins of this role; starts nothing. Throws GRIT_CONFIG_INVALID, GRIT_PLUGIN_NOT_FOUND,
   * GRIT_PLUGIN_MANIFEST_INVALID, GRIT_PLUGIN_API_MISMATCH, GRIT_PLUGIN_CONFLICT, GRIT_PLUGIN_DEPENDENCY_MISSING.
   */
  check(): Promise<void> {
    this.#checking ??= this.#check();
    return this.#checking;
  }

  /**
   * Starts all plugins of this role, side by side where they do not need each other. `core`: what the engine gives to them
   * that was made after the host. Throws, with nothing left running, what {@link check} throws before anything is started, and
   * GRIT_PLUGIN_BOOT_FAILED for a plugin that must not fail.
   */
  async start(signal: AbortSignal, core: readonly ServiceBinding[] = []): Promise<void> {
    await this.check();
    this.#starting = this.#startAll(AbortSignal.any([signal, this.#giveUp.signal]), core);
    await this.#starting;
    this.#tell();
    const [first] = this.#slots.filter((slot) => slot.vital && !slot.started).sort((a, b) => b.blame - a.blame);
    if (first === undefined && !signal.aborted && this.#stopping === undefined) return;
    const failure = first?.error && this.#bootError(first.error);
    await this.stop();
    signal.throwIfAborted();
    throw failure ?? new GritError('GRIT_ABORTED', 'the plugins were stopped while they started');
  }

  /** The service of a `single` ref. Throws GRIT_UNSUPPORTED when no plugin that runs provides it. */
  get<T>(ref: ServiceRef<T>): T {
    const service = this.find(ref);
    if (service !== undefined) return service;
    throw new GritError('GRIT_UNSUPPORTED', `no plugin that runs provides ${ref.id}`);
  }

  find<T>(ref: ServiceRef<T>): T | undefined {
    return this.all(ref).values().next().value;
  }

  /** The services of a ref by the name of their plugin. */
  all<T>(ref: ServiceRef<T>): ReadonlyMap<string, T> {
    const found = new Map<string, T>();
    for (const slot of this.#slots) {
      const binding = slot.services.find((candidate) => candidate.ref.id === ref.id);
      if (binding !== undefined) found.set(slot.name, binding.service as T);
    }
    return found;
  }

  /** One for each plugin of this process, in the order of the configuration. */
  reports(): readonly PluginReport[] {
    const host = this.options.role === 'server' ? 'server' : `agent ${this.#node}`;
    return this.#slots.map((slot) => slot.report(host, (value) => this.options.config.redact(value)));
  }

  /** Stops the plugins, last started first, each within its deadline; a start under way is given up. Never throws. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  get #node(): string {
    return this.options.node ?? this.options.config.config.node.name;
  }

  async #check(): Promise<void> {
    const { config, role, pluginDirectory, services = [] } = this.options;
    const given = services.map((binding) => binding.ref.id);
    const { prepared } = await preparePlugins(config, [role], { pluginDirectory, given });
    const { plugins, defaults } = config.config;
    this.#slots = prepared.map((plugin) => {
      const { name, manifest } = plugin.discovered;
      const inUse = manifest.kind === 'runtime' || name === defaults.storage;
      const { onBootFailure, encryption } = plugins[name] ?? {};
      return new PluginSlot(plugin, inUse || onBootFailure !== 'continue', keysOf(encryption));
    });
  }

  async #startAll(signal: AbortSignal, core: readonly ServiceBinding[]): Promise<void> {
    const starts = new Map<PluginSlot, Promise<void>>();
    const all = this.#slots.map((slot) => slot.discovered);
    const start = (slot: PluginSlot): Promise<void> => {
      const known = starts.get(slot);
      if (known !== undefined) return known;
      const needed = providersFor(slot.discovered, all, this.options.role);
      const before = this.#slots.filter((other) => needed.includes(other.discovered));
      const done = Promise.all(before.map(start)).then(() => this.#startOne(slot, before, core, signal));
      starts.set(slot, done);
      return done;
    };
    await Promise.all(this.#slots.map(start));
  }

  async #startOne(
    slot: PluginSlot,
    before: readonly PluginSlot[],
    core: readonly ServiceBinding[],
    signal: AbortSignal,
  ): Promise<void> {
    const broken = before.find((other) => !other.started);
    if (broken !== undefined) slot.skip(broken);
    else {
      const { logger, stateDirectory, role, services = [], startDeadlineMs = START_DEADLINE_MS } = this.options;
      const plugins = this.#slots.map(({ discovered }) => discovered.manifest.id);
      await startPlugin(slot, {
        deadlineMs: startDeadlineMs,
        signal,
        stateDirectory,
        host: { role, node: this.#node, version: GRIT_VERSION, plugins },
        services: [
          ...services,
          ...core,
          provide(coreServices.logger, logger.child({ plugin: slot.name })),
          ...before.flatMap((other) => other.services),
        ],
      });
    }
    if (slot.started) this.#started.push(slot);
    else if (slot.vital) this.#giveUp.abort();
  }

  async #stopAll(): Promise<void> {
    this.#giveUp.abort();
    await this.#starting;
    const { logger, stopDeadlineMs = STOP_DEADLINE_MS } = this.options;
    for (const slot of this.#started.reverse()) {
      const { stop } = slot;
      try {
        await withinDeadline(`stop of plugin "${slot.name}"`, stopDeadlineMs, undefined, async (signal) =>
          stop?.(signal),
        );
        slot.stopped();
      } catch (error) {
        slot.stopped(error);
        const reason = this.options.config.redact(error instanceof Error ? error.message : String(error));
        logger.warn('plugin did not stop well', { plugin: slot.name, reason });
      }
    }
    this.#started.length = 0;
  }

  #bootError(error: GritError): GritError {
    const message = this.options.config.redact(error.message);
    const plugins = this.reports().map(({ name, state, error: reason }) => {
      return { name, state, reason: reason?.message ?? null };
    });
    // A cause that speaks of a secret is told without it, in the message only.
    const cause = message === error.message ? error.cause : undefined;
    return new GritError(error.code, message, { cause, hint: error.hint, details: { plugins } });
  }

  #tell(): void {
    for (const report of this.reports()) {
      const { name, id, version, source, state, startedInMs } = report;
      const facts = { plugin: name, id, version, source, state, ms: Math.round(startedInMs) };
      if (state === 'started') this.options.logger.info('plugin started', facts);
      else this.options.logger.error('plugin not started', { ...facts, reason: report.error?.message ?? null });
    }
  }
}
