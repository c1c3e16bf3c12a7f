// SPDX-License-Identifier: Apache-2.0
import { connect } from 'node:net';

/** True when the Redis behind the socket answers; false while it loads or does not listen. */
export async function answersPing(path: string, timeoutMs = 1_000): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(path);
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => finish(false));
    socket.on('error', () => finish(false));
    socket.on('connect', () => socket.write('PING\r\n'));
    socket.on('data', (data) => finish(data.toString().startsWith('+PONG')));
    socket.on('close', () => resolve(false));
  });
}
