// SPDX-License-Identifier: Apache-2.0
import {
  GritError,
  type ImageSink,
  type ImageStorageReader,
  type ImageStorageWriter,
  type RuntimeDriver,
  type StorageProvider,
  type WorkloadLauncher,
} from '@grit/plugin-api';

/** What faults and barriers can be put around. */
export type FaultTarget = RuntimeDriver | WorkloadLauncher | (RuntimeDriver & WorkloadLauncher) | StorageProvider;

/** One call on its way to the real implementation. */
export interface InterceptedCall {
  readonly method: string;
  /** The signal that the caller gave. */
  readonly signal: AbortSignal;
}

/** What happens around each call. */
export interface Interceptor {
  /** Throwing here keeps the call from being made. */
  before(call: InterceptedCall): Promise<void>;
  /** Only after a call that succeeded; throwing here hides its result. */
  after(call: InterceptedCall): Promise<void>;
  /** The bytes of `put` on their way in, of `read` on their way out; they flow after `before`. */
  bytes?(call: InterceptedCall, data: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** False closes the fast paths (`putFile`, `localPath`, `readInto`), so that the bytes must pass here. */
  mayPass?(method: 'put' | 'read'): boolean;
}

const RUNTIME = [
  'probe',
  'preflight',
  'checkpoint',
  'release',
  'holds',
  'prepareRestore',
  'restore',
  'verify',
] as const;
const LAUNCHER = ['start', 'inspect', 'list', 'stop', 'remove'] as const;
/** Methods of drivers and launchers, each a pair of points. */
const NODE_METHODS: ReadonlySet<string> = new Set([...RUNTIME, 'abandonRestore', ...LAUNCHER]);
const NEVER = new AbortController().signal;

/** The same object with an interceptor around its calls. */
export function intercept<T extends FaultTarget>(target: T, interceptor: Interceptor): T {
  return isStorage(target)
    ? (storage(target, interceptor) as FaultTarget as T)
    : proxy(target, NODE_METHODS, interceptor);
}

function isStorage(target: FaultTarget): target is StorageProvider {
  return 'begin' in target && 'open' in target;
}

function proxy<T extends object>(target: T, methods: ReadonlySet<string>, interceptor: Interceptor): T {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== 'function') return value;
      const method = value as (...args: unknown[]) => unknown;
      if (typeof key !== 'string' || !methods.has(key)) return method.bind(object);
      return (...args: unknown[]) => {
        const signal = args.find((argument) => argument instanceof AbortSignal) ?? NEVER;
        const passed = args.map((argument) => (isSink(argument) ? sink(argument, interceptor) : argument));
        return around(interceptor, { method: key, signal }, async () => method.apply(object, passed));
      };
    },
  });
}

function isSink(argument: unknown): argument is ImageSink {
  return typeof argument === 'object' && argument !== null && 'directory' in argument && 'add' in argument;
}

/** Between the flush and the end of `checkpoint` the dump is safe, and its driver does not know it yet. */
function sink(target: ImageSink, interceptor: Interceptor): ImageSink {
  const openPages = target.openPages?.bind(target);
  const flush = target.flush?.bind(target);
  return {
    directory: target.directory,
    add: (part) => target.add(part),
    ...(openPages && { openPages }),
    ...(flush && { flush: (signal) => around(interceptor, { method: 'flush', signal }, () => flush(signal)) }),
  };
}

function storage(target: StorageProvider, interceptor: Interceptor): StorageProvider {
  const run = <R>(method: string, signal: AbortSignal, call: () => Promise<R>): Promise<R> =>
    around(interceptor, { method, signal }, call);
  const collect = target.collect?.bind(target);
  const replaceManifest = target.replaceManifest?.bind(target);
  return {
    check: (signal) => run('check', signal, () => target.check(signal)),
    begin: (id, signal) => run('begin', signal, async () => writer(await target.begin(id, signal), interceptor)),
    open: (id, signal) => run('open', signal, async () => reader(await target.open(id, signal), interceptor)),
    list: (signal) => stream(interceptor, { method: 'list', signal }, () => target.list(signal)),
    delete: (id, signal) => run('delete', signal, () => target.delete(id, signal)),
    ...(collect && { collect: (options) => run('collect', options.signal, () => collect(options)) }),
    ...(replaceManifest && {
      replaceManifest: (id, manifests, signal) =>
        run('replaceManifest', signal, () => replaceManifest(id, manifests, signal)),
    }),
    // Asked for when it is needed: it is set after the providers are made.
    get keys() {
      return target.keys;
    },
  };
}

function writer(target: ImageStorageWriter, interceptor: Interceptor): ImageStorageWriter {
  const putFile = target.putFile?.bind(target);
  const staging = target.staging?.bind(target);
  const adopt = target.adopt?.bind(target);
  const putAdopted = target.putAdopted?.bind(target);
  return {
    put: (name, data, options) => {
      const call = { method: 'put', signal: options.signal };
      const bytes = interceptor.bytes?.(call, data) ?? data;
      return around(interceptor, call, () => target.put(name, bytes, options));
    },
    ...(putFile && {
      putFile: async (name, path, options) => {
        if (interceptor.mayPass?.('put') === false) return false;
        return around(interceptor, { method: 'put', signal: options.signal }, () => putFile(name, path, options));
      },
    }),
    ...(staging && { staging: (signal) => around(interceptor, { method: 'staging', signal }, () => staging(signal)) }),
    ...(adopt && {
      adopt: (image, names, signal) =>
        around(interceptor, { method: 'adopt', signal }, () => adopt(image, names, signal)),
    }),
    ...(putAdopted && {
      putAdopted: (name, signal) =>
        around(interceptor, { method: 'putAdopted', signal }, () => putAdopted(name, signal)),
    }),
    commit: (manifest, signal) =>
      around(interceptor, { method: 'commit', signal }, () => target.commit(manifest, signal)),
    abort: (signal) => around(interceptor, { method: 'abort', signal }, () => target.abort(signal)),
  };
}

function reader(target: ImageStorageReader, interceptor: Interceptor): ImageStorageReader {
  const localPath = target.localPath?.bind(target);
  const readInto = target.readInto?.bind(target);
  const read: ImageStorageReader['read'] = (name, range, signal) => {
    const call = { method: 'read', signal };
    return stream(interceptor, call, () => {
      const data = target.read(name, range, signal);
      return interceptor.bytes?.(call, data) ?? data;
    });
  };
  return {
    manifest: (signal) => around(interceptor, { method: 'manifest', signal }, () => target.manifest(signal)),
    size: (name, signal) => around(interceptor, { method: 'size', signal }, () => target.size(name, signal)),
    read,
    ...(readInto && {
      readInto: async (name, range, target, signal) => {
        if (interceptor.mayPass?.('read') === false) return fill(target, read(name, range, signal), name);
        return around(interceptor, { method: 'read', signal }, () => readInto(name, range, target, signal));
      },
    }),
    parallelReads: target.parallelReads,
    ...(localPath && {
      localPath: async (name, signal) => {
        if (interceptor.mayPass?.('read') === false) return undefined;
        return around(interceptor, { method: 'read', signal }, () => localPath(name, signal));
      },
    }),
  };
}

async function fill(target: Uint8Array, data: AsyncIterable<Uint8Array>, part: string): Promise<void> {
  let at = 0;
  for await (const piece of data) {
    target.set(piece, at);
    at += piece.length;
  }
  if (at === target.length) return;
  throw new GritError('GRIT_IMAGE_PART_TRUNCATED', `part ${part} ended after ${at} bytes`, { details: { part } });
}

async function around<R>(interceptor: Interceptor, call: InterceptedCall, make: () => Promise<R>): Promise<R> {
  await interceptor.before(call);
  const result = await make();
  await interceptor.after(call);
  return result;
}

async function* stream<V>(
  interceptor: Interceptor,
  call: InterceptedCall,
  open: () => AsyncIterable<V>,
): AsyncGenerator<V, void> {
  await interceptor.before(call);
  yield* open();
  await interceptor.after(call);
}
