// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of the API server's list of tokens. */
interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

/** Who may talk to the API server from the start; everybody else gets a token from it. */
export interface Credentials {
  readonly admin: string;
  readonly controllerManager: string;
  readonly scheduler: string;
  /** By name of the node. */
  readonly nodes: Readonly<Record<string, string>>;
}

export const TOKENS = 'tokens.csv';
/** The pair that signs and checks the tokens of service accounts. */
export const SIGNING_KEY = 'service-accounts.key';
export const CHECKING_KEY = 'service-accounts.pub';

/** Writes the throw-away secrets of a cluster into its directory. */
export function writeCredentials(directory: string, nodes: readonly string[]): Credentials {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(directory, SIGNING_KEY), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(directory, CHECKING_KEY), publicKey.export({ type: 'spki', format: 'pem' }));

  const lines: string[] = [];
  const add = ({ user, groups }: Identity): string => {
    const token = randomBytes(24).toString('hex');
    lines.push(`${token},${user},${user},"${groups.join(',')}"`);
    return token;
  };
  const credentials = {
    admin: add({ user: 'admin', groups: ['system:masters'] }),
    controllerManager: add({ user: 'system:kube-controller-manager', groups: [] }),
    scheduler: add({ user: 'system:kube-scheduler', groups: [] }),
    nodes: Object.fromEntries(
      nodes.map((node) => [node, add({ user: `system:node:${node}`, groups: ['system:nodes'] })]),
    ),
  };
  writeFileSync(join(directory, TOKENS), `${lines.join('\n')}\n`, { mode: 0o600 });
  return credentials;
}
