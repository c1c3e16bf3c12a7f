// SPDX-License-Identifier: Apache-2.0
import { connect } from 'node:net';

/** True when somebody accepts connections on the socket. */
export function probeSocket(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
