// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/index.js';
import { FaultProxy } from '../../fixtures/object-stores/fault-proxy.js';
import { startVersitygw, type Versitygw } from '../../fixtures/object-stores/versitygw.js';
import { NAMESPACE } from '../helm/helm.js';

/** Name of the Secret with the credentials of the bucket and with keys of images. */
export const BUCKET_SECRET = 'bucket';

/** A store in the bucket: name of the CheckpointStore, and what is not as in all of them. */
export interface BucketStore {
  readonly name: string;
  readonly prefix: string;
  /** Key of the Secret that encrypts; default: nothing is encrypted. */
  readonly key?: string;
  /** Key of the Secret that signs requests; default: the right one. */
  readonly signedWith?: string;
}

/** An S3 server on this machine that pods and nodes of a cluster reach, through a proxy that counts and holds requests. */
export class ClusterBucket {
  private constructor(
    private readonly server: Versitygw,
    readonly proxy: FaultProxy,
  ) {}

  /** Makes the Secret, too: before the agents are started, which have it mounted. */
  static async start(cluster: Cluster): Promise<ClusterBucket> {
    const server = await startVersitygw();
    try {
      const proxy = await FaultProxy.start(server.endpoint, `/${server.bucket}/`, cluster.address);
      const bucket = new ClusterBucket(server, proxy);
      const newKey = (): string => randomBytes(32).toString('base64');
      const stringData = {
        id: server.accessKeyId,
        secret: server.secretAccessKey,
        'wrong-secret': randomBytes(20).toString('hex'),
        k1: newKey(),
        'wrong-k1': newKey(),
      };
      const metadata = { name: BUCKET_SECRET, namespace: NAMESPACE };
      await cluster.kubectlApply(JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, stringData }));
      return bucket;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** The CheckpointStore, as an administrator would write it. */
  storeOf({ name, prefix, key, signedWith = 'secret' }: BucketStore): string {
    const from = (secretKey: string): object => ({ secret: { name: BUCKET_SECRET, key: secretKey } });
    const { bucket, region } = this.server;
    const credentials = { accessKeyIdFrom: from('id'), secretAccessKeyFrom: from(signedWith) };
    const s3 = { bucket, prefix, region, endpoint: this.proxy.endpoint, credentials };
    const encryption = key !== undefined && { encryption: { current: 'k1', keys: [{ id: 'k1', keyFrom: from(key) }] } };
    // Nobody else lists the bucket meanwhile.
    const spec = { plugin: 'storage-blob', config: { s3 }, ...encryption, collect: { every: '0s' } };
    return JSON.stringify({ apiVersion: 'kaito.sh/v1alpha1', kind: 'CheckpointStore', metadata: { name }, spec });
  }

  /** Keys below the prefix of the objects that have this text in them. */
  async objectsWith(text: string, prefix: string): Promise<readonly string[]> {
    const folder = join(this.server.files, prefix);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const found: string[] = [];
    for (const entry of entries.filter((each) => each.isFile())) {
      const path = join(entry.parentPath, entry.name);
      if ((await readFile(path)).includes(text)) found.push(path.slice(folder.length));
    }
    return found;
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
    await this.server.stop();
  }
}
