// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';
import {
  CHECKPOINTS,
  Informer,
  MIGRATIONS,
  RESTORES,
  type Checkpoint,
  type KubeClient,
  type Migration,
  type Restore,
} from '@grit/plugin-kubernetes';
import type { Scene } from './scene.js';

/** Our objects of a namespace, or of all, kept up to date. */
export class SceneWatch {
  readonly #migrations: Informer<Migration>;
  readonly #checkpoints: Informer<Checkpoint>;
  readonly #restores: Informer<Restore>;

  private constructor(client: KubeClient, namespace: string | undefined, onTrouble: (text: string) => void) {
    const logger = troubleOnly(onTrouble);
    this.#migrations = new Informer(client, MIGRATIONS, { namespace }, logger);
    this.#checkpoints = new Informer(client, CHECKPOINTS, { namespace }, logger);
    this.#restores = new Informer(client, RESTORES, { namespace }, logger);
  }

  /** Begins, and returns when all objects are known. Throws KubeErrors: a watch without rights would wait for ever. */
  static async open(
    client: KubeClient,
    namespace: string | undefined,
    onTrouble: (text: string) => void,
    signal: AbortSignal,
  ): Promise<SceneWatch> {
    for (const type of [MIGRATIONS, CHECKPOINTS, RESTORES]) {
      await client.list<Migration | Checkpoint | Restore>(type, { namespace, limit: 1 }, signal);
    }
    const watch = new SceneWatch(client, namespace, onTrouble);
    const informers = [watch.#migrations, watch.#checkpoints, watch.#restores];
    informers.forEach((informer) => informer.start(signal));
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await Promise.race([Promise.all(informers.map(({ synced }) => synced)), aborted]);
    signal.throwIfAborted();
    return watch;
  }

  get scene(): Scene {
    return {
      migrations: this.#migrations.list(),
      checkpoints: this.#checkpoints.list(),
      restores: this.#restores.list(),
    };
  }

  /** Told when something has changed. */
  onChange(listener: () => void): void {
    for (const informer of [this.#migrations, this.#checkpoints, this.#restores]) informer.onChange(listener);
  }
}

/** All that people need of a watch's log: that the server is away, once. */
function troubleOnly(tell: (text: string) => void): Logger {
  let told = false;
  const say: Logger['warn'] = (_message, fields) => {
    if (told) return;
    told = true;
    const { reason } = fields ?? {};
    tell(`The API server does not answer${typeof reason === 'string' ? ` (${reason})` : ''}; waiting for it.`);
  };
  const quiet = (): void => undefined;
  const logger: Logger = { debug: quiet, info: quiet, warn: say, error: say, child: () => logger };
  return logger;
}
