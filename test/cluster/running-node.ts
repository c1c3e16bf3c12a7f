// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterNode } from './cluster-node.js';
import { ClusterProcess } from './cluster-process.js';
import type { ClusterRecord } from './cluster-record.js';
import type { ImageArchive } from './images/debian-image.js';
import { describeContainerd } from './node-containerd.js';
import { describeKubelet, isKubeletHealthy } from './node-kubelet.js';
import type { NodePlaces } from './node-places.js';
import { runForResult, runProgram } from './run-program.js';
import { until } from './until.js';

/** containerd and the kubelet of one node. */
export class RunningNode implements ClusterNode {
  readonly #containerd: ClusterProcess;
  readonly #kubelet: ClusterProcess;
  #hasImages = false;

  constructor(
    record: ClusterRecord,
    private readonly places: NodePlaces,
    private readonly images: readonly string[],
    private readonly kubectl: (args: readonly string[]) => Promise<string>,
    /** Aborted when the cluster ends. */
    private readonly signal: AbortSignal,
  ) {
    mkdirSync(places.directory, { recursive: true });
    this.#containerd = new ClusterProcess(record, describeContainerd(places));
    signal.addEventListener('abort', () => this.#containerd.letEnd(), { once: true });
    this.#kubelet = new ClusterProcess(record, describeKubelet(places));
  }

  get name(): string {
    return this.places.name;
  }

  get address(): string {
    return this.places.address;
  }

  get directory(): string {
    return this.places.directory;
  }

  get containerdSocket(): string {
    return this.places.containerdSocket;
  }

  get enter(): readonly string[] {
    return this.places.enter;
  }

  async start(): Promise<void> {
    this.#containerd.start();
    await this.#until('containerd answers', this.#containerd, async () => {
      return (await runForResult(this.#ctr, [...this.#ctrFlags, 'version'])).code === 0;
    });
    // The kubelet asks for the image of the sandbox as soon as a pod comes.
    if (!this.#hasImages) {
      for (const image of this.images) await this.ctr('images', 'import', image);
      this.#hasImages = true;
    }
    this.#kubelet.start();
    await this.#until('the kubelet is well', this.#kubelet, () => isKubeletHealthy(this.address));
    await this.#until(`node ${this.name} is Ready and takes pods`, this.#kubelet, () => this.#isReady());
  }

  async stop(): Promise<void> {
    await this.#kubelet.kill();
    await this.#containerd.kill();
  }

  async ctr(...args: readonly string[]): Promise<string> {
    return await runProgram(this.#ctr, [...this.#ctrFlags, ...args]);
  }

  async importImage({ name, archive }: ImageArchive): Promise<void> {
    if (await this.#hasImage(name)) return;
    // The layer is not kept beside its unpacked files: it can be as large as they are.
    await this.ctr('images', 'import', '--local', '--discard-unpacked-layers', archive);
    await this.#until(`node ${this.name} has ${name}`, this.#containerd, () => this.#hasImage(name));
  }

  // Not the list alone: the part of containerd that the kubelet asks hears of a new image a moment later, and marks it.
  async #hasImage(name: string): Promise<boolean> {
    const images = await this.ctr('images', 'list', `name==${name},labels."io.cri-containerd.image"==managed`);
    return images.includes(name);
  }

  get #ctr(): string {
    return join(this.places.programs.containerd, 'ctr');
  }

  get #ctrFlags(): readonly string[] {
    return ['--address', this.places.containerdSocket, '--namespace', 'k8s.io'];
  }

  async #isReady(): Promise<boolean> {
    const conditions = '{.status.conditions[?(@.type=="Ready")].status}';
    const taints = '{range .spec.taints[*]}{.key}{end}';
    const args = ['get', 'node', this.name, '--ignore-not-found', '-o', `jsonpath=${conditions}/${taints}`];
    return (await this.kubectl(args)).trim() === 'True/';
  }

  async #until(what: string, program: ClusterProcess, condition: () => Promise<boolean>): Promise<void> {
    await until(what, this.signal, async () => {
      program.checkRunning();
      return await condition();
    });
  }
}
