import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { TlsNameCertificate } from '@holdfast/edge'
import { readFileSync } from 'node:fs'
import { CommandError } from '../command-error.ts'
import type { EdgeIdentity } from './edge-configuration.ts'

/** A certificate and its key, checked to belong together and, where a name is given, to be for it. */
export function readIdentity({ certificate, key }: EdgeIdentity, name?: string): TlsNameCertificate {
  const identity = { certificate: readText(certificate), key: readText(key) }
  const leaf = parsed(() => new X509Certificate(identity.certificate), `${certificate} is no certificate in PEM`)
  const privateKey = parsed(
    () => createPrivateKey(identity.key),
    `${key} is no private key in PEM without a passphrase`,
  )
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new CommandError('wrong_use', `${key} is not the key of ${certificate}`, {
      hint: 'the leaf must stand first',
    })
  }
  if (name !== undefined && leaf.checkHost(name) === undefined) {
    throw new CommandError('wrong_use', `${certificate} does not name ${name}`)
  }
  return identity
}

/** The secret in a file, without the line break at its end. */
export function readSecret(file: string): string {
  const secret = readText(file).trim()
  if (/^[\x21-\x7e]{32,}$/.test(secret)) return secret
  throw new CommandError('wrong_use', `${file} holds no secret of at least 32 characters without blanks`)
}

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CommandError('wrong_use', `${file} cannot be read`, { cause })
  }
}

function parsed<Value>(make: () => Value, problem: string): Value {
  try {
    return make()
  } catch (cause) {
    throw new CommandError('wrong_use', problem, { cause })
  }
}
