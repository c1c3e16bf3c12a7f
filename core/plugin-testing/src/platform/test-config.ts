// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject, RuntimeDriver, StorageProvider, Trigger, WorkloadLauncher } from '@grit/plugin-api';
import { give } from './given-plugins.js';

/** What runs the workloads of a node in tests: a driver that is a launcher, too. */
export type TestRuntime = RuntimeDriver & WorkloadLauncher;

/** A plugin as in grit.yaml. */
export interface TestPlugin {
  /** Name of a package, or an absolute path. */
  readonly use: string;
  readonly config?: JsonObject | undefined;
  readonly onBootFailure?: 'fail' | 'continue' | undefined;
}

/** Services of the test's own process that become plugins of the platform. */
export interface GivenServices {
  readonly runtime: (node: string) => TestRuntime;
  readonly storage: StorageProvider;
  readonly triggers: Readonly<Record<string, Trigger>>;
  readonly plugins: Readonly<Record<string, TestPlugin>>;
}

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));

/** Writes `grit.test.yaml`: what a test platform has instead of CRIU and a directory, and the plugins of the test. */
export async function writeTestConfig(
  directory: string,
  services: GivenServices,
): Promise<{ readonly path: string; readonly takeBack: () => void }> {
  const takeBacks: (() => void)[] = [];
  const plugin = (kind: string, make: (node: string) => unknown): TestPlugin => {
    const { key, takeBack } = give(make);
    takeBacks.push(takeBack);
    return { use: join(FIXTURES, `given-${kind}`), config: { key } };
  };
  const triggers = Object.entries(services.triggers).map(
    ([name, trigger]) => [name, plugin('trigger', () => trigger)] as const,
  );
  const plugins = {
    'runtime-criu': null,
    runtime: plugin('runtime', services.runtime),
    store: plugin('storage', () => services.storage),
    ...Object.fromEntries(triggers),
    ...services.plugins,
  };
  const path = join(directory, 'grit.test.yaml');
  // JSON is YAML, and every value is quoted as it must be, but for variables.
  await writeFile(path, JSON.stringify({ plugins }, undefined, 2).replaceAll('${', '$${'));
  return { path, takeBack: () => takeBacks.forEach((takeBack) => takeBack()) };
}
