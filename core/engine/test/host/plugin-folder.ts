// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PluginManifest } from '@grit/plugin-api';
import { loadConfig, type LoadedConfig } from '../../src/config/load-config.js';
import { PluginHost, type PluginHostOptions } from '../../src/host/plugin-host.js';
import { JsonLogger } from '../../src/container/json-logger.js';
import { ConfigFolder } from '../config/config-folder.js';

const PLUGIN_API = dirname(fileURLToPath(import.meta.resolve('@grit/plugin-api/package.json')));

/** A plugin package to be written. */
export interface PluginFixture {
  readonly manifest?: Partial<Record<keyof PluginManifest, unknown>> | null;
  /** The module, if it is not made of the parts below. */
  readonly code?: string;
  /** Options of its configuration, as code. */
  readonly options?: string;
  /** Service ids that it depends on, in code. */
  readonly deps?: readonly string[];
  /** Statements at the start of `create`; `context` is there. */
  readonly onCreate?: string;
  /** Statements of `stop`. */
  readonly onStop?: string;
  readonly packageJson?: Readonly<Record<string, unknown>>;
}

/** A temporary folder with plugin packages and a grit.yaml that uses them. Plugins tell what happens to them in `events`. */
export class PluginFolder extends ConfigFolder {
  readonly events: string[] = [];
  readonly lines: string[] = [];
  readonly #hosts: PluginHost[] = [];

  constructor(copyPluginApi = false) {
    super();
    const target = join(this.path, 'node_modules/@grit/plugin-api');
    mkdirSync(dirname(target), { recursive: true });
    if (copyPluginApi) {
      cpSync(join(PLUGIN_API, 'dist'), join(target, 'dist'), { recursive: true });
      cpSync(join(PLUGIN_API, 'package.json'), join(target, 'package.json'));
    } else symlinkSync(PLUGIN_API, target);
    (globalThis as Record<string, unknown>)[this.path] = this.events;
  }

  /** Writes `node_modules/NAME`, or a folder when the name begins with `./`. Returns its path. */
  plugin(name: string, fixture: PluginFixture = {}): string {
    const folder = name.startsWith('./') ? name.slice(2) : `node_modules/${name}`;
    const id = name.replace(/^.*\//, '');
    const manifest = {
      id,
      kind: 'service',
      apiVersion: 'service/v1',
      gritRange: '^0.1.0',
      provides: [],
      ...fixture.manifest,
    };
    this.write(
      `${folder}/package.json`,
      JSON.stringify({
        name: id,
        version: '1.2.3',
        type: 'module',
        exports: { '.': { types: './i.d.ts', import: './i.js' } },
        ...(fixture.manifest === null ? {} : { grit: manifest }),
        ...fixture.packageJson,
      }),
    );
    this.write(`${folder}/i.js`, fixture.code ?? this.#code(id, manifest.provides as readonly string[], fixture));
    return join(this.path, folder);
  }

  /** Loads `plugins: { NAME: { use: NAME } … }` for these names, or a text. The built-in plugins are left out. */
  async config(plugins: readonly string[] | string, env: NodeJS.ProcessEnv = {}): Promise<LoadedConfig> {
    const store = '  store: { use: store-plugin }\n';
    this.plugin('store-plugin', {
      manifest: { kind: 'storage', apiVersion: 'storage/v1', provides: ['grit.storage-provider'] },
      ...(this.storeFixture ?? {}),
    });
    const body =
      typeof plugins === 'string' ? plugins : plugins.map((name) => `  ${name}: { use: ${name} }\n`).join('');
    this.write(
      'grit.yaml',
      `plugins:\n${store}${body.includes('runtime-criu:') ? '' : '  runtime-criu: null\n'}${body}`,
    );
    return await loadConfig(this.options({ env }));
  }

  /** Changes the store that every configuration has. */
  storeFixture: PluginFixture | undefined;

  async host(
    plugins: readonly string[] | string,
    options: Partial<PluginHostOptions> & { readonly env?: NodeJS.ProcessEnv } = {},
  ): Promise<PluginHost> {
    const { env, ...more } = options;
    const config = await this.config(plugins, env);
    const logger = new JsonLogger({ level: 'debug', write: (line) => this.lines.push(line), redact: config.redact });
    const host = new PluginHost({
      config,
      role: 'server',
      stateDirectory: join(this.path, 'state'),
      logger,
      pluginDirectory: join(this.path, 'mounted'),
      ...more,
    });
    this.#hosts.push(host);
    return host;
  }

  /** A host that has started. */
  async start(
    plugins: readonly string[] | string,
    options: Partial<PluginHostOptions> & { readonly env?: NodeJS.ProcessEnv } = {},
  ): Promise<PluginHost> {
    const host = await this.host(plugins, options);
    await host.start(new AbortController().signal);
    return host;
  }

  async end(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop()));
    Reflect.deleteProperty(globalThis, this.path);
    this.remove();
  }

  #code(id: string, provides: readonly string[], fixture: PluginFixture): string {
    const deps = (fixture.deps ?? []).map(
      (dep) => `${JSON.stringify(dep)}: createServiceRef({ id: ${JSON.stringify(dep)} }),`,
    );
    return `
import { configSchema, coreServices, createServiceRef, definePlugin, provide } from '@grit/plugin-api';
const events = globalThis[${JSON.stringify(this.path)}];
export default definePlugin({
  config: configSchema({${fixture.options ?? ''}}),
  deps: { logger: coreServices.logger, host: coreServices.host, ${deps.join(' ')} },
  create: async (context) => {
    events.push('create ${id}');
    ${fixture.onCreate ?? ''}
    events.push('started ${id}');
    return {
      services: ${JSON.stringify(provides)}.map((id) => provide(createServiceRef({ id }), { from: context.name, context })),
      stop: async (signal) => {
        events.push('stop ${id}');
        ${fixture.onStop ?? ''}
      },
    };
  },
});
`;
  }
}

/** The catalogue's version of the contract, for manifests that are to be wrong by one. */
export const GRIT_PACKAGE_VERSION = (
  JSON.parse(readFileSync(join(PLUGIN_API, 'package.json'), 'utf8')) as { version: string }
).version;
