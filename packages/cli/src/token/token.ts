import {
  type AccessToken,
  type AuthorizationServerMetadata,
  type Client,
  ClientError,
  type ClientOptions,
  createClient,
} from '@holdfast/client'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CommandError } from '../command-error.ts'
import { shortThumbprint } from '../explain/short-thumbprint.ts'
import type { TokenOptions } from '../program/token.ts'
import type { ExitCode, Terminal } from '../terminal.ts'

/** `holdfast token`: the token on standard output, what is known about it on standard error. */
export async function token(issuer: string, options: TokenOptions, terminal: Terminal): Promise<ExitCode> {
  const client = openClient(issuer, options, terminal)
  try {
    const given = await terminal.progress(`asking ${issuer}`, client.token())
    const endpoint = tokenEndpoint(await client.metadata(), options.cert !== undefined)
    if (terminal.json) terminal.printJson(tokenJson(given, endpoint))
    else {
      terminal.print(given.value)
      for (const fact of tokenFacts(given, endpoint)) terminal.note(fact)
    }
    return 0
  } catch (error) {
    throw explained(error, issuer)
  } finally {
    await client.close()
  }
}

/** Where the token came from: the alias for who presents a certificate (RFC 8705 §5). */
function tokenEndpoint(metadata: AuthorizationServerMetadata, certificate: boolean): string | undefined {
  const aliases = certificate ? metadata['mtls_endpoint_aliases'] : undefined
  const alias = typeof aliases === 'object' && aliases !== null && 'token_endpoint' in aliases && aliases.token_endpoint
  const endpoint = typeof alias === 'string' ? alias : metadata['token_endpoint']
  return typeof endpoint === 'string' ? endpoint : undefined
}

function openClient(issuer: string, options: TokenOptions, terminal: Terminal): Client {
  if ((options.cert === undefined) !== (options.key === undefined))
    throw new CommandError('wrong_use', '--cert and --key belong together')
  const path = (file: string): string => resolve(terminal.folder, file)
  const read = (file: string): string => {
    try {
      return readFileSync(path(file), 'utf8')
    } catch (error) {
      throw new CommandError('wrong_use', `cannot read ${file}`, { cause: error })
    }
  }
  const clientOptions: ClientOptions = {
    issuer,
    clientId: options.clientId,
    authentication: authentication(options, read),
    ...(options.cert === undefined || options.key === undefined
      ? {}
      : { certificate: { cert: read(options.cert), key: read(options.key) }, binding: options.binding }),
    ...(options.cacert === undefined ? {} : { ca: read(options.cacert) }),
    ...(options.scope === undefined ? {} : { scope: options.scope }),
    ...(options.resource === undefined ? {} : { resource: options.resource }),
  }
  try {
    return createClient(clientOptions)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw wrongOptions(error, options)
  }
}

/** What the library says of its options, in the words of the command line. */
function wrongOptions(error: TypeError, { cert = '', key = '', cacert = '' }: TokenOptions): CommandError {
  const told = error.message.replace(/^client options: /, '')
  const fact = /key values mismatch/i.test(told)
    ? `${key} is not the private key of ${cert}`
    : /no start line/i.test(told)
      ? `${cert} holds no certificate, or ${key} no private key`
      : told.startsWith('ca ')
        ? `${cacert} holds no certificate`
        : told
  const hint = /no start line/i.test(told) ? 'are --cert and --key in each other’s place?' : undefined
  return new CommandError('wrong_use', fact, { cause: error, ...(hint === undefined ? {} : { hint }) })
}

function authentication(options: TokenOptions, read: (file: string) => string): ClientOptions['authentication'] {
  if (options.assertionKey !== undefined && options.secretFile !== undefined)
    throw new CommandError('wrong_use', '--assertion-key and --secret-file are two ways to prove who asks', {
      hint: 'name the one that is registered',
    })
  if (options.assertionKey !== undefined) return { method: 'private_key_jwt', key: read(options.assertionKey) }
  if (options.secretFile !== undefined)
    return { method: 'client_secret_basic', secret: read(options.secretFile).replace(/\r?\n$/, '') }
  // Both certificate methods look alike on the wire: the server knows which one is registered.
  return options.cert === undefined ? 'none' : 'tls_client_auth'
}

function tokenJson(given: AccessToken, endpoint: string | undefined): Readonly<Record<string, unknown>> {
  return {
    access_token: given.value,
    expires_at: given.expiresAt?.toISOString(),
    scope: given.scope?.join(' '),
    binding: given.binding,
    'x5t#S256': given.thumbprint,
    token_endpoint: endpoint,
  }
}

function tokenFacts(given: AccessToken, endpoint: string | undefined): readonly string[] {
  const thumbprint = given.thumbprint === undefined ? '' : ` ${shortThumbprint(given.thumbprint)}`
  const bound: Record<AccessToken['binding'], string> = {
    bound: `good only with the certificate${thumbprint}`,
    unknown: `opaque: whether it is bound to the certificate${thumbprint}, only the server can say`,
    none: 'bound to no certificate: good in anyone’s hands',
  }
  return [
    `from      ${endpoint ?? 'the token endpoint'}`,
    `binding   ${bound[given.binding]}`,
    ...(given.expiresAt === undefined ? [] : [`expires   ${given.expiresAt.toISOString()}`]),
    ...(given.scope === undefined ? [] : [`scope     ${given.scope.join(' ')}`]),
  ]
}

/** What the client library throws, as an answer to the person who asked. */
function explained(error: unknown, issuer: string): unknown {
  if (!(error instanceof ClientError)) return error
  const { facts } = error
  if (error.code === 'token_request_refused') {
    const code = textOf(facts['error']) ?? `status ${textOf(facts['status']) ?? 'unknown'}`
    const description = textOf(facts['errorDescription'])
    const reference = /\(reference ([A-Za-z0-9_-]+)\)/.exec(description ?? '')?.[1]
    const kind = typeof facts['status'] === 'number' && facts['status'] >= 500 ? 'unknown' : 'no'
    return new CommandError(
      kind,
      `refused: ${[code, ...(description === undefined ? [] : [description])].join(': ')}`,
      {
        cause: error,
        ...(reference === undefined ? {} : { hint: `the operator sees the reason: holdfast explain ${reference}` }),
      },
    )
  }
  if (error.code === 'token_not_bound' || error.code === 'token_bound_to_other_certificate')
    return new CommandError('no', error.message.replace(/^[a-z_]+: /, ''), {
      cause: error,
      hint: '--binding off takes such a token nevertheless',
    })
  if (error.code === 'issuer_mismatch') {
    const named = textOf(facts['presented'])
    return new CommandError('no', `the server is not ${issuer}${named === undefined ? '' : `, but ${named}`}`, {
      cause: error,
      hint: 'an issuer is compared letter by letter, with or without the slash at its end: name it as the server does',
    })
  }
  const detail = plainDetail(textOf(facts['detail']) ?? '')
  const untrusted = /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_/.test(detail)
  const sentence = error.message.replace(/^[a-z_]+: /, '').replace(/ \(.*\)$/s, '')
  const told = [sentence, textOf(facts['url']), detail].filter((part) => part !== undefined && part !== '')
  return new CommandError('unknown', told.join(': '), {
    cause: error,
    hint: untrusted ? 'name the CA of the server with --cacert' : `is ${issuer} up, and is it the issuer?`,
  })
}

/** A fault of TLS in one line: what Node and OpenSSL add for their own developers is left out. */
function plainDetail(detail: string): string {
  if (/unrecognized.name/i.test(detail)) return 'its TLS knows no host of this name'
  return detail.split(/[;\n]/, 1)[0]!.replace(/, $/, '')
}

function textOf(fact: unknown): string | undefined {
  return typeof fact === 'string' || typeof fact === 'number' ? String(fact) : undefined
}
