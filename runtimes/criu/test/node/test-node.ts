// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  CheckpointOptions,
  HeldCheckpoint,
  ImageSource,
  LocalPart,
  Logger,
  PartSource,
  RestoredWorkload,
  TcpPolicy,
  WorkloadRef,
  WorkloadSpec,
} from '@grit/plugin-api';
import { CONFIG, type RuntimeConfig } from '../../src/config.js';
import { CriuRuntimeDriver } from '../../src/driver/criu-runtime-driver.js';
import { NodeEnvironment } from '../../src/node-environment.js';
import { RuncWorkloadLauncher } from '../../src/workload/runc-workload-launcher.js';
import { stat } from 'node:fs/promises';

export const NEVER = new AbortController().signal;

const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => SILENT,
};

/** A dump of a test. */
export interface Dumped {
  readonly held: HeldCheckpoint;
  readonly source: ImageSource;
}

/** A node in a directory of its own, with what the tests do to it. */
export class TestNode {
  private constructor(
    readonly directory: string,
    readonly environment: NodeEnvironment,
    readonly driver: CriuRuntimeDriver,
    readonly launcher: RuncWorkloadLauncher,
  ) {}

  static async open(config: Partial<RuntimeConfig> = {}, directory?: string): Promise<TestNode> {
    const parsed = await CONFIG['~standard'].validate({ scratchGiB: 2, ...config });
    if (parsed.issues !== undefined) throw new Error(JSON.stringify(parsed.issues));
    const path = directory ?? (await mkdtemp(join(tmpdir(), 'grit-criu-')));
    const settings = { stateDirectory: join(path, 'node'), config: parsed.value, logger: SILENT };
    const environment = await NodeEnvironment.open(settings);
    return new TestNode(path, environment, new CriuRuntimeDriver(environment), new RuncWorkloadLauncher(environment));
  }

  /** As after a crash of the agent. */
  async reopen(config: Partial<RuntimeConfig> = {}): Promise<TestNode> {
    return TestNode.open(config, this.directory);
  }

  async close(): Promise<void> {
    for (const { workload } of await this.launcher.list(NEVER)) {
      await this.launcher.stop(workload, { graceMs: 0 }, NEVER);
    }
    for (const name of await this.environment.workloadNames()) {
      await this.launcher.remove({ kind: 'container', name }, NEVER);
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  async start(spec: WorkloadSpec): Promise<WorkloadRef> {
    return (await this.launcher.start(spec, NEVER)).workload;
  }

  async log(workload: WorkloadRef): Promise<string> {
    return readFile(this.environment.workload(workload.name).log, 'utf8');
  }

  /** Path of a container's file, seen from the host. */
  file(workload: WorkloadRef, path: string): string {
    return join(this.environment.workload(workload.name).rootfs, path);
  }

  async dump(
    workload: WorkloadRef,
    checkpoint: string,
    options: Partial<CheckpointOptions> = {},
    signal = NEVER,
  ): Promise<Dumped> {
    const directory = join(this.directory, checkpoint);
    await mkdir(directory, { recursive: true });
    const parts: PartSource[] = [];
    const sink = { directory, add: (part: PartSource): void => void parts.push(part) };
    const held = await this.driver.checkpoint(workload, sink, { checkpoint, tcp: 'refuse', ...options }, signal);
    const local = await Promise.all(
      parts.map(async (part): Promise<LocalPart> => ({ ...part, size: (await stat(part.path)).size })),
    );
    return { held, source: { checkpoint, directory, parts: local, runtime: held.runtime } };
  }

  /** Restores and verifies. */
  async restore(
    source: ImageSource,
    workload: WorkloadRef,
    restore = `r-${source.checkpoint}`,
    tcp: TcpPolicy = 'refuse',
  ): Promise<RestoredWorkload> {
    const prepared = await this.driver.prepareRestore(source, { workload, restore, tcp }, NEVER);
    const restored = await this.driver.restore(prepared, source, NEVER);
    await this.driver.verify(restored, NEVER);
    return restored;
  }
}
