// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKPOINTS, KubeClient, MIGRATIONS, PODS, type Pod } from '@grit/plugin-kubernetes';
import { runProgram } from '../../test/cluster/run-program.js';
import { RealPlatform } from '../../test/e2e/kubernetes/real-platform.js';
import { Counts } from './counts.js';

const NAMESPACE = 'default';
export const [SOURCE, TARGET] = ['node-a', 'node-b'] as const;
const never = new AbortController().signal;

/** A pod of the bench and the file that it counts into. */
export interface BenchPod {
  readonly name: string;
  readonly counts: Counts;
}

/** Two real nodes with a store that both see, and pods with a lot of memory. */
export class MigratePlatform {
  readonly client: KubeClient;
  #pods = 0;

  private constructor(
    readonly real: RealPlatform,
    private readonly mebibytes: number,
  ) {
    this.client = KubeClient.fromConfig({ kubeconfig: real.cluster.kubeconfig });
  }

  static async start(mebibytes: number): Promise<MigratePlatform> {
    const platform = new MigratePlatform(await RealPlatform.start([SOURCE, TARGET], never), mebibytes);
    await mkdir(platform.shared, { recursive: true });
    const program = join(platform.shared, 'memory-job');
    await runProgram('gcc', ['-O2', '-static', '-o', program, join(import.meta.dirname, 'memory-job.c')]);
    await platform.real.makeStore(platform.store);
    return platform;
  }

  /** A folder that both nodes see. */
  get shared(): string {
    return join(this.real.cluster.directory, 'shared');
  }

  get store(): string {
    return join(this.real.cluster.directory, 'store');
  }

  /** Returns when it counts. */
  async startPod(): Promise<BenchPod> {
    const name = `pod-${(this.#pods += 1)}`;
    const counts = new Counts(join(this.shared, name));
    await this.client.create(PODS, this.pod(name, SOURCE), {}, never);
    await counts.next(0, ({ count }) => count >= 20);
    return { name, counts };
  }

  pod(name: string, node: string, annotations: Readonly<Record<string, string>> = {}): Pod {
    return {
      ...head(PODS),
      metadata: { name, namespace: NAMESPACE, annotations },
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 1,
        automountServiceAccountToken: false,
        nodeName: node,
        runtimeClassName: 'grit',
        containers: [
          {
            name: 'main',
            image: 'localhost/busybox:1',
            imagePullPolicy: 'Never',
            command: ['/shared/memory-job', String(this.mebibytes), `/shared/${name}`],
            volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
          },
        ],
        volumes: [{ name: 'shared', hostPath: { path: this.shared } }],
      },
    };
  }

  async endPod({ name, counts }: BenchPod): Promise<void> {
    await counts.stop();
    await this.client.delete(PODS, { namespace: NAMESPACE, name }, { gracePeriodSeconds: 0 }, never);
    await this.real.wait(`pod/${name}`, 'delete');
    for (const type of [MIGRATIONS, CHECKPOINTS])
      await this.client.delete(type, { namespace: NAMESPACE, name }, {}, never);
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.real.stop();
  }
}

export function head({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): {
  readonly apiVersion: string;
  readonly kind: string;
} {
  return { apiVersion, kind };
}
