// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { connect } from 'node:tls';
import type { OwnCertificateSet } from '../../../src/admission/certificates/certificate-set.js';
import { AdmissionRefusal } from '../../../src/admission/server/admission-refusal.js';
import type { AdmissionHandler, AdmissionRequest } from '../../../src/admission/server/admission-review.js';
import { startWebhookServer, type WebhookServer } from '../../../src/admission/server/webhook-server.js';
import { caller, certificate, quiet, review } from './some-server.js';

describe('webhook server', function () {
  this.timeout(60_000);
  let tls: OwnCertificateSet;
  let server: WebhookServer;
  let handler: AdmissionHandler;
  let notReady: string | undefined;

  before(async () => {
    tls = await certificate();
  });

  beforeEach(async () => {
    handler = async () => ({});
    notReady = undefined;
    server = await startWebhookServer({
      host: '127.0.0.1',
      port: 0,
      tls: () => tls,
      handlers: { '/mutate/pod': (request, signal) => handler(request, signal) },
      notReady: () => notReady,
      logger: quiet,
    });
  });

  afterEach(() => server.close());

  it('says whether it lives and is ready', async () => {
    assert.deepEqual(await once('GET', '/healthz'), { status: 200, body: 'ok' });
    assert.equal((await once('GET', '/readyz')).status, 200);
    notReady = 'the caches are not filled yet';
    assert.deepEqual(await once('GET', '/readyz'), { status: 503, body: notReady });
    assert.equal((await once('GET', '/healthz')).status, 200);
  });

  it('admits, with a patch and warnings', async () => {
    const seen: AdmissionRequest[] = [];
    handler = async (request) => {
      seen.push(request);
      return { patch: [{ op: 'add', path: '/spec/x', value: 1 }], warnings: ['take care'] };
    };
    const response = await decided(review());
    assert.equal(response['uid'], 'u-1');
    assert.equal(response['allowed'], true);
    assert.equal(response['patchType'], 'JSONPatch');
    assert.deepEqual(JSON.parse(Buffer.from(String(response['patch']), 'base64').toString()), [
      { op: 'add', path: '/spec/x', value: 1 },
    ]);
    assert.deepEqual(response['warnings'], ['take care']);
    const [request] = seen;
    assert.equal(request?.namespace, 'default');
    assert.equal(request.user, 'somebody');
    assert.equal(request.dryRun, false);
  });

  it('admits without a patch when there is nothing to change', async () => {
    assert.deepEqual(await decided(review()), { uid: 'u-1', allowed: true });
  });

  it('refuses, naming field and way out', async () => {
    handler = () => Promise.reject(new AdmissionRefusal('spec.podName', 'is missing; name one'));
    assert.deepEqual(await decided(review()), {
      uid: 'u-1',
      allowed: false,
      status: {
        status: 'Failure',
        code: 422,
        reason: 'Invalid',
        message: 'spec.podName: is missing; name one',
        details: { causes: [{ reason: 'FieldValueInvalid', message: 'is missing; name one', field: 'spec.podName' }] },
      },
    });
  });

  it('whatever goes wrong is a no', async () => {
    handler = () => Promise.reject(new Error('the API server is away'));
    const response = await decided(review());
    assert.equal(response['allowed'], false);
    const status = response['status'] as Record<string, unknown>;
    assert.equal(status['code'], 500);
    assert.match(String(status['message']), /could not decide.*try again: the API server is away/);
  });

  it('takes nothing but reviews', async () => {
    for (const body of [
      '{}',
      'no JSON',
      '[]',
      review(undefined, { operation: 'LOOK' }),
      review(undefined, { object: null }),
    ]) {
      assert.equal((await once('POST', '/mutate/pod', body)).status, 400, JSON.stringify(body));
    }
    assert.equal((await once('POST', '/elsewhere', review())).status, 404);
    const large = review({ metadata: { name: 'x'.repeat(9 * 1024 * 1024) } });
    assert.equal((await once('POST', '/mutate/pod', large)).status, 413);
  });

  it('reads an object that is deleted, and one without a name', async () => {
    let name: string | undefined;
    handler = async ({ object }) => {
      name = object.metadata.name;
      return {};
    };
    await decided(review(undefined, { object: null, oldObject: { metadata: { name: 'old' } } }));
    assert.equal(name, 'old');
    await decided(review({ metadata: { generateName: 'train-' } }));
    assert.equal(name, '');
  });

  it('changes its certificate under open connections, and shows it to new ones', async () => {
    const [before, old] = [caller(server.address.port, tls.ca), tls];
    try {
      assert.equal((await before.ask('POST', '/mutate/pod', review())).status, 200);
      tls = await certificate();
      server.reload();
      assert.equal((await before.ask('POST', '/mutate/pod', review())).status, 200, 'the open connection goes on');
      assert.equal((await once('POST', '/mutate/pod', review())).status, 200);
      const late = caller(server.address.port, old.ca);
      await assert.rejects(late.ask('GET', '/healthz'), /certificate/);
      late.close();
    } finally {
      before.close();
    }
  });

  it('lets what is under way finish when it ends', async () => {
    const { promise: entered, resolve: enter } = Promise.withResolvers<undefined>();
    const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
    handler = async () => {
      enter(undefined);
      await released;
      return {};
    };
    const asked = once('POST', '/mutate/pod', review());
    await entered;
    const closed = server.close();
    release(undefined);
    assert.equal((await asked).status, 200);
    await closed;
  });

  it('waits for no connection without a request when it ends', async () => {
    const socket = connect({ host: '127.0.0.1', port: server.address.port, ca: tls.ca });
    await new Promise<void>((resolve) => socket.once('secureConnect', resolve));
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined).resume();
    await server.close();
    await ended;
  });

  async function once(method: 'GET' | 'POST', path: string, body?: unknown) {
    const { ask, close } = caller(server.address.port, tls.ca);
    return ask(method, path, body).finally(close);
  }

  async function decided(body: object): Promise<Record<string, unknown>> {
    const answer = await once('POST', '/mutate/pod', body);
    assert.equal(answer.status, 200, answer.body);
    return (JSON.parse(answer.body) as { response: Record<string, unknown> }).response;
  }
});
