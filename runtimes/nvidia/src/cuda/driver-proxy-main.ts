// SPDX-License-Identifier: Apache-2.0
// Runs in a process of its own: a driver that crashes or never answers takes this process with it and not the agent.
import { Libnvml } from '../nvml/libnvml.js';
import { DriverLibrary } from './driver-library.js';
import {
  toFailure,
  type ProxyMessage,
  type ProxyReplies,
  type ProxyRequest,
  type RequestMessage,
} from './proxy-protocol.js';
import { Libcuda } from './libcuda.js';

const directory = process.argv[2] === '' ? undefined : process.argv[2];
let cuda: Libcuda | undefined;
let nvml: Libnvml | undefined;

function libcuda(): Libcuda {
  return (cuda ??= new Libcuda(DriverLibrary.open('libcuda.so.1', directory)));
}

function libnvml(): Libnvml {
  return (nvml ??= new Libnvml(DriverLibrary.open('libnvidia-ml.so.1', directory)));
}

async function answer(request: ProxyRequest): Promise<ProxyReplies[keyof ProxyReplies]> {
  switch (request.call) {
    case 'begin':
      return nothing(libcuda().begin());
    case 'apiVersion':
      return libcuda().apiVersion();
    case 'restoreThread':
      return libcuda().restoreThread(request.pid);
    case 'state':
      return libcuda().state(request.pid);
    case 'lock':
      return nothing(libcuda().lock(request.pid, request.timeoutMs));
    case 'checkpoint':
      return nothing(libcuda().checkpoint(request.pid));
    case 'restore':
      return nothing(libcuda().restore(request.pid, request.pairs));
    case 'unlock':
      return nothing(libcuda().unlock(request.pid));
    case 'driverVersion':
      return libnvml().driverVersion();
    case 'gpus':
      return libnvml().gpus();
    case 'processes':
      return libnvml().processes();
  }
}

async function nothing(call: Promise<void>): Promise<null> {
  await call;
  return null;
}

function send(message: ProxyMessage): void {
  // Whoever is not there any more needs no answer.
  process.send?.(message, undefined, undefined, () => undefined);
}

process.on('message', ({ id, request }: RequestMessage) => {
  void answer(request).then(
    (value) => send({ id, value }),
    (error: unknown) => send({ id, failure: toFailure(error) }),
  );
});

// The parent is gone. An ordinary exit would wait for calls that are under way in the driver.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

send({ ready: true });
