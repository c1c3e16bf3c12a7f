// SPDX-License-Identifier: Apache-2.0
import { Client, credentials, Metadata, status, type MethodDefinition, type ServiceError } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { GritError } from '@grit/plugin-api';
import { throwIfAborted } from '../process/wait-until.js';
import { CONTAINERD_API } from './api.js';

/** A value with the name of its type. */
interface TypedValue {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** A container as containerd knows it; whether it runs is said by its task. */
export interface ContainerdContainer {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly runtime: { readonly name: string; readonly options: TypedValue | null } | null;
  /** Its OCI specification, as JSON. */
  readonly spec: TypedValue | null;
  readonly snapshotter: string;
  readonly snapshotKey: string;
  readonly createdAt: { readonly seconds: number; readonly nanos: number } | null;
}

/** The first process of a container. */
export interface ContainerdTask {
  readonly containerId: string;
  /** As the host sees it. */
  readonly pid: number;
  readonly status: 'UNKNOWN' | 'CREATED' | 'RUNNING' | 'STOPPED' | 'PAUSED' | 'PAUSING';
}

/** A mount that a root consists of. */
export interface ContainerdMount {
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** How a container has ended. */
export interface ContainerEnd {
  /** Nanoseconds since the epoch, not exact; 0 while it runs. */
  readonly finishedAt: number;
  readonly exitCode: number;
}

/** The options of a container that say where its runc is. */
export interface RuncOptions {
  readonly binaryName: string;
  readonly root: string;
}

/** Where the kubelet has its containers. */
const NAMESPACE = 'k8s.io';
const DEADLINE_MS = 20_000;
/** Who asks whether it is there does not wait for it. */
const PROBE_MS = 2_000;
const RECONNECT_MS = 200;
const DECODING = { longs: Number, enums: String, defaults: true, arrays: true, objects: true } as const;

type Definitions = ReturnType<typeof fromJSON>;

/** Asks the containerd of this node. Nothing that it is asked for changes anything. Errors: GRIT_RUNTIME_UNAVAILABLE with the words of containerd. */
export class ContainerdClient {
  readonly #client: Client;
  readonly #definitions: Definitions = fromJSON(CONTAINERD_API, DECODING);

  /** @param socket - absolute path; it need not be there yet */
  constructor(private readonly socket: string) {
    this.#client = new Client(`unix://${socket}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      'grpc.initial_reconnect_backoff_ms': RECONNECT_MS,
      'grpc.max_reconnect_backoff_ms': RECONNECT_MS,
    });
  }

  /** @param filter - in containerd's language: `labels."NAME"==VALUE` */
  async containers(filter: string, signal: AbortSignal): Promise<readonly ContainerdContainer[]> {
    const answer = await this.#call(
      'containerd.services.containers.v1.Containers',
      'List',
      { filters: [filter] },
      signal,
    );
    return (answer as { readonly containers: readonly ContainerdContainer[] }).containers;
  }

  /** Those of all containers; a container that has ended has none. */
  async tasks(signal: AbortSignal): Promise<readonly ContainerdTask[]> {
    const answer = await this.#call('containerd.services.tasks.v1.Tasks', 'List', {}, signal);
    const { tasks } = answer as { readonly tasks: readonly (ContainerdTask & { readonly id: string })[] };
    // The list names the container in the field of the process.
    return tasks.map((task) => ({ ...task, containerId: task.containerId === '' ? task.id : task.containerId }));
  }

  async mounts(snapshotter: string, key: string, signal: AbortSignal): Promise<readonly ContainerdMount[]> {
    const answer = await this.#call(
      'containerd.services.snapshots.v1.Snapshots',
      'Mounts',
      { snapshotter, key },
      signal,
    );
    return (answer as { readonly mounts: readonly ContainerdMount[] }).mounts;
  }

  async version(signal: AbortSignal): Promise<string> {
    const answer = await this.#call('containerd.services.version.v1.Version', 'Version', {}, signal, PROBE_MS);
    return (answer as { readonly version: string }).version;
  }

  /** Undefined for a container that the part of containerd which serves the kubelet does not know (any more). */
  async endOf(containerId: string, signal: AbortSignal): Promise<ContainerEnd | undefined> {
    try {
      const answer = await this.#call('runtime.v1.RuntimeService', 'ContainerStatus', { containerId }, signal);
      return (answer as { readonly status: ContainerEnd }).status;
    } catch (error) {
      if ((error as GritError).details?.['status'] === status.NOT_FOUND) return undefined;
      throw error;
    }
  }

  /** Undefined for a container of another runtime than runc. */
  runcOptions({ runtime }: ContainerdContainer): RuncOptions | undefined {
    if (runtime === null || !runtime.name.startsWith('io.containerd.runc.')) return undefined;
    const { options } = runtime;
    if (options === null || options.value.length === 0) return { binaryName: '', root: '' };
    if (!options.typeUrl.endsWith('containerd.runc.v1.Options')) return undefined;
    const definition = this.#definitions['containerd.runc.v1.Options'] as { deserialize(bytes: Buffer): object };
    return definition.deserialize(Buffer.from(options.value)) as RuncOptions;
  }

  close(): void {
    this.#client.close();
  }

  /** Waits for a containerd that is being restarted: it is there again in a moment, with all of its containers. */
  async #call(
    service: string,
    method: string,
    request: object,
    signal: AbortSignal,
    patienceMs = DEADLINE_MS,
  ): Promise<object> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      try {
        return await this.#callOnce(service, method, request, signal, deadline);
      } catch (error) {
        // It ended in the middle of the call.
        if ((error as GritError).details?.['status'] !== status.UNAVAILABLE || Date.now() >= deadline) throw error;
      }
    }
  }

  async #callOnce(
    service: string,
    method: string,
    request: object,
    signal: AbortSignal,
    deadline: number,
  ): Promise<object> {
    throwIfAborted(signal);
    const methods = this.#definitions[service] as unknown as Readonly<Record<string, MethodDefinition<object, object>>>;
    const definition = methods[method];
    if (definition === undefined) throw new GritError('GRIT_INTERNAL', `${service} has no ${method}`);
    const { path, requestSerialize, responseDeserialize } = definition;
    const metadata = new Metadata({ waitForReady: true });
    metadata.set('containerd-namespace', NAMESPACE);
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, answer?: object): void => {
        signal.removeEventListener('abort', cancel);
        if (error === null && answer !== undefined) resolve(answer);
        else reject(this.#failure(error, method, signal));
      };
      const call = this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        { deadline },
        done,
      );
      const cancel = (): void => call.cancel();
      signal.addEventListener('abort', cancel, { once: true });
    });
  }

  #failure(error: ServiceError | null, method: string, signal: AbortSignal): GritError {
    if (signal.aborted) return new GritError('GRIT_ABORTED', 'the caller gave up', { cause: signal.reason });
    const isSilent = error === null || error.code === status.DEADLINE_EXCEEDED;
    const message = `containerd at ${this.socket}, ${method}: ${isSilent ? 'it does not answer' : error.details}`;
    return new GritError('GRIT_RUNTIME_UNAVAILABLE', message, {
      cause: error,
      hint: 'Is containerd running, and is the option `containerd` the path of its socket?',
      details: { status: error?.code ?? -1 },
    });
  }
}
