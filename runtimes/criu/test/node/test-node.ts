// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  CheckpointOptions,
  HeldCheckpoint,
  ImageSource,
  LocalPart,
  Logger,
  RestoredWorkload,
  RuntimeRecord,
  TcpPolicy,
  WorkloadRef,
  WorkloadSpec,
} from '@grit/plugin-api';
import { FileImageSink } from '@grit/plugin-testing';
import { CONFIG, type RuntimeConfig } from '../../src/config.js';
import { CriuRuntimeDriver } from '../../src/driver/criu-runtime-driver.js';
import { NodeEnvironment } from '../../src/node-environment.js';
import { RuncWorkloadLauncher } from '../../src/workload/runc-workload-launcher.js';

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

  /** Into a directory of that name, by default the checkpoint's. */
  async dump(
    workload: WorkloadRef,
    checkpoint: string,
    { into = checkpoint, ...options }: Partial<CheckpointOptions> & { readonly into?: string } = {},
    signal = NEVER,
  ): Promise<Dumped> {
    const directory = join(this.directory, into);
    await mkdir(directory, { recursive: true });
    const sink = new FileImageSink(directory);
    const held = await this.driver.checkpoint(workload, sink, { checkpoint, tcp: 'refuse', ...options }, signal);
    return { held, source: await this.#fetched(sink, checkpoint, held.runtime) };
  }

  /** What came as pages lies in files elsewhere; CRIU wants all of its images in one directory. */
  async #fetched(sink: FileImageSink, checkpoint: string, runtime: RuntimeRecord): Promise<ImageSource> {
    const { directory } = sink;
    const parts = await Promise.all(
      (await sink.parts()).map(async (part): Promise<LocalPart> => {
        const path = join(directory, part.name);
        if (part.path !== path) await rename(part.path, path);
        return { ...part, path, size: (await stat(path)).size };
      }),
    );
    return { checkpoint, directory, parts, runtime };
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
