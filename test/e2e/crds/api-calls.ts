// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';

interface Kubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly 'certificate-authority': string } },
  ];
  readonly users: readonly [{ readonly user: { readonly token: string } }];
}

/** An object as it is sent: its name may be left to the server. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** Calls to an API server with the rights of a kubeconfig. They throw an Error with the words of the server. */
export class ApiCalls {
  readonly #agent: Agent;
  readonly #server: string;
  readonly #token: string;

  constructor(kubeconfig: string) {
    const config = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
    const { cluster } = config.clusters[0];
    this.#server = cluster.server;
    this.#token = config.users[0].user.token;
    this.#agent = new Agent({ keepAlive: true, ca: readFileSync(cluster['certificate-authority']) });
  }

  get(object: ApiObject): Promise<unknown> {
    return this.#call('GET', pathOf(object));
  }

  create(object: ApiObject): Promise<unknown> {
    return this.#call('POST', pathOf({ ...object, metadata: { ...object.metadata, name: '' } }), object);
  }

  /** A merge patch. */
  patch(object: ApiObject, patch: object, subresource = ''): Promise<unknown> {
    return this.#call('PATCH', `${pathOf(object)}${subresource}`, patch, 'application/merge-patch+json');
  }

  /** Server-side apply, as our components write. */
  apply(object: ApiObject, subresource = ''): Promise<unknown> {
    const path = `${pathOf(object)}${subresource}?fieldManager=grit-agent&force=true`;
    return this.#call('PATCH', path, object, 'application/apply-patch+yaml');
  }

  close(): void {
    this.#agent.destroy();
  }

  #call(method: string, path: string, body?: object, type = 'application/json'): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': type };
    return new Promise((resolve, reject) => {
      const call = request(`${this.#server}${path}`, { method, headers, agent: this.#agent }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.once('error', reject);
        response.once('end', () => {
          const answer = JSON.parse(text) as { readonly message?: string };
          if ((response.statusCode ?? 0) < 400) resolve(answer);
          else reject(new Error(answer.message ?? text));
        });
      });
      call.once('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

/** All kinds that are called for make their plural by an s. */
function pathOf({ apiVersion, kind, metadata: { name = '', namespace } }: ApiObject): string {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `${root}${within}/${kind.toLowerCase()}s${name === '' ? '' : `/${name}`}`;
}
