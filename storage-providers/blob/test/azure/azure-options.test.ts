// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { isGritError } from '@grit/plugin-api';
import { checkAzureOptions, type AzureOptions } from '../../src/azure/azure-options.js';
import { openAzure } from '../../src/azure/open-azure.js';
import { failsWith } from '../s3/expect.js';

const KEY = Buffer.alloc(64, 3).toString('base64');
const PLAIN: AzureOptions = { account: 'acc1', container: 'images', accountKey: KEY };

function refuses(options: AzureOptions, reason: RegExp): void {
  assert.throws(
    () => checkAzureOptions(options),
    (error: unknown) => isGritError(error) && error.code === 'GRIT_CONFIG_INVALID' && reason.test(error.message),
    JSON.stringify(options),
  );
}

describe('azure: options', () => {
  it('are completed', () => {
    const place = checkAzureOptions({ ...PLAIN, prefix: 'team/a' });
    assert.equal(place.endpoint, 'https://acc1.blob.core.windows.net');
    assert.equal(place.prefix, 'team/a/');
    assert.equal(place.label, 'azure://acc1/images/team/a');
    assert.equal(checkAzureOptions(PLAIN).label, 'azure://acc1/images');
    assert.equal(
      checkAzureOptions({ ...PLAIN, endpoint: 'http://[::1]:10000/acc1/' }).endpoint,
      'http://[::1]:10000/acc1',
    );
  });

  it('may be in a connection string', () => {
    const text = `DefaultEndpointsProtocol=https;AccountName=acc2;AccountKey=${KEY};EndpointSuffix=core.usgovcloudapi.net`;
    const { account, accountKey, endpoint } = checkAzureOptions({ container: 'images', connectionString: text });
    assert.deepEqual([account, accountKey, endpoint], ['acc2', KEY, 'https://acc2.blob.core.usgovcloudapi.net']);
    const emulator = `BlobEndpoint=http://127.0.0.1:10000/acc2;SharedAccessSignature=sv=2021&sig=a%3D`;
    const place = checkAzureOptions({ account: 'acc2', container: 'images', connectionString: emulator });
    assert.deepEqual([place.sas, place.endpoint], ['sv=2021&sig=a%3D', 'http://127.0.0.1:10000/acc2']);
  });

  it('that cannot be are refused, without their secrets', () => {
    refuses({ ...PLAIN, account: 'No!' }, /account: "No!"/);
    refuses({ container: 'images' }, /account/);
    for (const container of ['', 'ab', 'Upper', 'a--b', '-ab', 'ab-', 'a/b', 'x'.repeat(64)]) {
      refuses({ ...PLAIN, container }, /container/);
    }
    for (const prefix of ['/a', 'a//b', 'a/../b', '..', 'a./b', 'ä', 'a?b', 'x'.repeat(257)]) {
      refuses({ ...PLAIN, prefix }, /prefix/);
    }
    for (const endpoint of ['acc1', 'ftp://a', 'https://u:p@a', 'https://a/?sig=secret', 'https://a#b']) {
      refuses({ ...PLAIN, endpoint }, /endpoint/);
    }
    refuses({ ...PLAIN, accountKey: 'no key at all' }, /^azure\.accountKey: it is no Base64/);
    refuses({ ...PLAIN, sas: 'sig=a' }, /accountKey and sas: give only one/);
    refuses({ ...PLAIN, clientId: 'me' }, /clientId: not together with accountKey/);
    refuses({ container: 'images', connectionString: 'nonsense' }, /NAME=VALUE/);
    refuses({ container: 'images', connectionString: 'AccountName=acc1' }, /neither AccountKey nor/);
    refuses(
      { account: 'acc1', container: 'images', connectionString: `AccountName=acc2;AccountKey=${KEY}` },
      /acc1 is not the one of the connection string, acc2/,
    );
  });

  it('say of a SAS that it is none before anything is asked', async () => {
    const store = await openAzure({ account: 'acc1', container: 'images', sas: 'https://acc1?no' });
    const { message } = await failsWith(store.head('a', new AbortController().signal), 'GRIT_CONFIG_INVALID');
    assert.match(message, /sig=/);
  });
});
