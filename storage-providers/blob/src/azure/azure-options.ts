// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';

/**
 * A store in a container of Azure Blob. Of accountKey, sas, sasFile, and connectionString at most one; without any of them an identity is
 * used: that of the pod (workload identity), of the machine (managed identity), or of the environment.
 */
export interface AzureOptions {
  /** Name of the storage account. A connection string has it already. */
  readonly account?: string | undefined;
  readonly container: string;
  /** Its keys begin with this; `/` at the end is added. Default: the whole container. */
  readonly prefix?: string | undefined;
  /** Default: `https://ACCOUNT.blob.core.windows.net`. Of an emulator: with the account in its path. */
  readonly endpoint?: string | undefined;
  readonly accountKey?: string | undefined;
  /** A shared access signature: what comes after the `?`. */
  readonly sas?: string | undefined;
  /** A file that has one. It is read anew before that ends, so that it can be replaced while we run. */
  readonly sasFile?: string | undefined;
  readonly connectionString?: string | undefined;
  /** Which of several identities of a pod or a machine it is. */
  readonly clientId?: string | undefined;
  /** Certificates of a CA of one's own, PEM. */
  readonly ca?: string | undefined;
}

/** The same, checked and completed. */
export interface AzurePlace {
  readonly account: string;
  readonly container: string;
  /** Empty, or with `/` at its end. */
  readonly prefix: string;
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** `azure://ACCOUNT/CONTAINER/PREFIX` */
  readonly label: string;
  readonly accountKey: string | undefined;
  readonly sas: string | undefined;
}

const ACCOUNT = /^[a-z0-9]{3,24}$/;
const CONTAINER = /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/;
/** So that no key gets longer than the 1,024 characters that the service allows. */
const LONGEST_PREFIX = 256;
const PREFIX = /^[A-Za-z0-9!_.*'()+=,@-]+(\/[A-Za-z0-9!_.*'()+=,@-]+)*\/?$/;
const IDENTITIES = ['accountKey', 'sas', 'sasFile', 'connectionString'] as const;

/** Checks what no schema can say. Throws GRIT_CONFIG_INVALID, without secrets. */
export function checkAzureOptions(options: AzureOptions): AzurePlace {
  const given = IDENTITIES.filter((name) => options[name] !== undefined);
  if (given.length > 1) throw invalid(`${given.join(' and ')}: give only one of them`);
  if (given.length === 1 && options.clientId !== undefined) throw invalid(`clientId: not together with ${given[0]}`);
  const parsed = options.connectionString === undefined ? undefined : parseConnectionString(options.connectionString);
  const account = options.account ?? parsed?.account;
  if (account === undefined || !ACCOUNT.test(account)) {
    throw invalid(`account: ${JSON.stringify(account ?? '')} is no name of a storage account`);
  }
  if (parsed?.account !== undefined && parsed.account !== account) {
    throw invalid(`account: ${account} is not the one of the connection string, ${parsed.account}`);
  }
  const { container, prefix = '' } = options;
  if (!CONTAINER.test(container)) throw invalid(`container: ${JSON.stringify(container)} is no name of a container`);
  checkPrefix(prefix);
  const accountKey = options.accountKey ?? parsed?.accountKey;
  if (accountKey !== undefined && !/^[A-Za-z0-9+/]{20,}={0,2}$/.test(accountKey)) {
    throw invalid('accountKey: it is no Base64, as keys of accounts are');
  }
  const whole = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  return {
    account,
    container,
    prefix: whole,
    endpoint: endpointOf(options.endpoint ?? parsed?.endpoint ?? `https://${account}.blob.core.windows.net`),
    label: `azure://${account}/${container}/${whole}`.replace(/\/$/, ''),
    accountKey,
    sas: options.sas ?? parsed?.sas,
  };
}

function parseConnectionString(text: string) {
  const pairs = text.split(';').filter((pair) => pair.trim() !== '');
  const fields = new Map(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw invalid('connectionString: expected NAME=VALUE pairs with ; between them');
      return [pair.slice(0, at).trim().toLowerCase(), pair.slice(at + 1).trim()] as const;
    }),
  );
  const account = fields.get('accountname');
  const suffix = fields.get('endpointsuffix') ?? 'core.windows.net';
  const protocol = fields.get('defaultendpointsprotocol') ?? 'https';
  const endpoint = fields.get('blobendpoint') ?? (account && `${protocol}://${account}.blob.${suffix}`);
  const [accountKey, sas] = [fields.get('accountkey'), fields.get('sharedaccesssignature')];
  if (accountKey === undefined && sas === undefined) {
    throw invalid('connectionString: it has neither AccountKey nor SharedAccessSignature');
  }
  return { account, endpoint, accountKey, sas: accountKey === undefined ? sas : undefined };
}

function checkPrefix(prefix: string): void {
  if (prefix !== '' && (!PREFIX.test(prefix) || prefix.length > LONGEST_PREFIX)) {
    throw invalid(
      `prefix: expected up to ${LONGEST_PREFIX} letters, digits and !_.*'()+=,@- in parts between single slashes, as team/images/`,
    );
  }
  // The service takes a dot at the end of a part away.
  if (prefix.split('/').some((part) => part.endsWith('.'))) throw invalid('prefix: no part may end with a dot');
}

function endpointOf(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw invalid('endpoint: expected a URL that begins with https:// or http://');
  }
  // Secrets have their own place, where they are kept out of messages.
  if (url.username !== '' || url.password !== '') throw invalid('endpoint: no password belongs there');
  if (url.search !== '' || url.hash !== '')
    throw invalid('endpoint: expected a URL without ? and #; a SAS belongs in sas');
  return url.href.replace(/\/$/, '');
}

function invalid(message: string): GritError {
  return new GritError('GRIT_CONFIG_INVALID', `azure.${message}`);
}
