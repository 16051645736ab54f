import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createSecureContext } from 'node:tls'
import { Command, CommanderError } from 'commander'
import { badCertificateKinds } from '@holdfast/x509/issue'
import { createTestAuthority, temporaryDirectory } from '@holdfast/testkit'
import { caCommand } from '../ca/ca-command.ts'
import { complainAbout } from '../run.ts'
import { createTerminal, type ExitCode, type TerminalHost } from '../terminal.ts'
import { certCommand } from './cert-command.ts'
import { type Making, systemMaking } from './making.ts'

/*
 * Transcripts: what is typed and what comes out, with a fixed clock, a counter for randomness and Ed25519 keys, whose
 * signatures are always the same. `node --conditions=holdfast-source src/cert/cert-command.test.ts --update` rewrites them.
 */
const transcripts = join(import.meta.dirname, '..', '..', 'transcripts', 'making')
const update = process.argv.includes('--update')

for (const name of readdirSync(transcripts)) {
  test(`the transcript ${name} is what the program says`, async (t) => {
    const directory = await temporaryDirectory(t)
    const file = join(transcripts, name)
    const written = readFileSync(file, 'utf8')
    const making = repeatableMaking()
    let played = ''
    for (const [, line = ''] of written.matchAll(/^\$ (.+)$/gm)) {
      const { stdout, stderr, exitCode } = await play(line, directory, making)
      const told = stderr.replaceAll(/^(?=.)/gm, '2> ')
      played += `$ ${line}\n${stdout}${told}${exitCode === 0 ? '' : `[exit ${exitCode}]\n`}\n`
    }
    assert.notEqual(played, '')
    if (update) writeFileSync(file, played)
    else assert.equal(played, written)
  })
}

const directory = await temporaryDirectory({ after })
await done('holdfast ca init')
await done(
  'holdfast cert client --dns acme.example --uri spiffe://acme.example/x --ip 2001:db8::7 --email a@acme.example',
)

test('keys can be read by their owner alone', () => {
  for (const key of ['ca/root.key', 'ca/issuing.key', 'acme.example.key']) {
    assert.equal(statSync(join(directory, key)).mode & 0o777, 0o600, key)
  }
})

test('a client certificate names what was asked for, and OpenSSL verifies its chain', () => {
  const certificate = new X509Certificate(readFileSync(join(directory, 'acme.example.pem')))
  assert.equal(
    certificate.subjectAltName,
    'DNS:acme.example, URI:spiffe://acme.example/x, IP Address:2001:DB8:0:0:0:0:0:7, email:a@acme.example',
  )
  assert.equal(certificate.checkPrivateKey(createPrivateKey(readFileSync(join(directory, 'acme.example.key')))), true)
  assert.match(opensslVerify('acme.example.pem', 'sslclient'), /: OK/)
})

for (const key of ['ec-p384', 'ed25519', 'rsa-2048']) {
  test(`a server certificate with a key of kind ${key} is verified by OpenSSL for its names and addresses`, async () => {
    await done(`holdfast cert server login.localhost *.login.localhost 127.0.0.1 ::1 --key ${key} --out server-${key}`)
    const certificate = new X509Certificate(readFileSync(join(directory, `server-${key}.pem`)))
    assert.equal(certificate.checkHost('mtls.login.localhost'), '*.login.localhost')
    assert.equal(certificate.checkIP('::1'), '::1')
    assert.match(opensslVerify(`server-${key}.pem`, 'sslserver'), /: OK/)
  })
}

test('nothing is ever overwritten, and of two files neither is written when one is there', async () => {
  const before = readFileSync(join(directory, 'acme.example.pem'), 'utf8')
  const again = await play('holdfast cert client --dns acme.example', directory)
  assert.equal(again.exitCode, 2)
  assert.match(again.stderr, /acme\.example\.pem is there already/)
  assert.equal(readFileSync(join(directory, 'acme.example.pem'), 'utf8'), before)
  assert.equal((await play('holdfast ca init', directory)).exitCode, 2)
  writeFileSync(join(directory, 'half.key'), 'mine')
  assert.equal((await play('holdfast cert client --dns half --out half', directory)).exitCode, 2)
  assert.equal(readdirSync(directory).includes('half.pem'), false)
})

for (const kind of Object.keys(badCertificateKinds)) {
  test(`holdfast cert verify refuses what holdfast cert bad ${kind} makes, and takes the same without the fault`, async () => {
    await done(`holdfast cert bad ${kind}`)
    const verified = await play(`holdfast cert verify bad-${kind}.pem --anchor ca/root.pem --json`, directory)
    assert.equal(verified.exitCode, 1)
    const answer = JSON.parse(verified.stdout) as { valid: boolean; reason: string; index: number }
    assert.deepEqual([answer.valid, answer.index, answer.reason], [false, 0, reasons[kind]])
  })
}

const reasons: Readonly<Record<string, string>> = {
  expired: 'certificate_expired',
  'not-yet-valid': 'certificate_not_yet_valid',
  'server-auth-only': 'extended_key_usage_missing',
  'wrong-purpose': 'extended_key_usage_missing',
  'wrong-ca': 'signature_invalid',
  'ca-as-leaf': 'leaf_is_ca',
  'weak-signature': 'signature_algorithm_not_allowed',
  'broken-signature': 'signature_invalid',
  'unknown-critical-extension': 'critical_extension_unknown',
}

test('holdfast cert verify tells path and end as JSON', async () => {
  const answer = JSON.parse(await done('holdfast cert verify acme.example.pem --anchor ca/root.pem --json')) as unknown
  const { validTo } = new X509Certificate(readFileSync(join(directory, 'acme.example.pem')))
  assert.deepEqual(answer, {
    valid: true,
    validUntil: new Date(validTo).toISOString().replace('.000Z', 'Z'),
    path: ['CN=acme.example', 'CN=Development Issuing'],
    anchor: 'CN=Development Root',
  })
})

test('OpenSSL finds revoked exactly what holdfast ca revoke was given', async () => {
  await done('holdfast cert client --dns gone.example')
  await done('holdfast ca revoke gone.example.pem --reason keyCompromise')
  assert.match(opensslVerify('gone.example.pem', 'sslclient', 'ca/issuing.crl'), /certificate revoked/)
  assert.match(opensslVerify('acme.example.pem', 'sslclient', 'ca/issuing.crl'), /: OK/)
  const text = execFileSync('openssl', ['crl', '-in', 'ca/issuing.crl', '-noout', '-text'], {
    cwd: directory,
    encoding: 'utf8',
  })
  assert.match(text, /Key Compromise/)
})

test('a CA that is a root alone, as holdfast init makes it, issues and revokes from the folder where one stands', async (t) => {
  const folder = await temporaryDirectory(t)
  await play('holdfast ca init --dir made', folder)
  copyFileSync(join(folder, 'made', 'root.pem'), join(folder, 'ca.pem'))
  copyFileSync(join(folder, 'made', 'root.key'), join(folder, 'ca.key'))
  assert.equal((await play('holdfast cert client --dns acme.example', folder)).exitCode, 0)
  assert.equal(readFileSync(join(folder, 'acme.example.pem'), 'utf8').match(/BEGIN CERTIFICATE/g)?.length, 1)
  assert.equal((await play('holdfast cert verify acme.example.pem --anchor ca.pem', folder)).exitCode, 0)
  assert.match((await play('holdfast ca revoke acme.example.pem', folder)).stdout, /^crl +ca\.crl$/m)
})

test('a certificate of another CA of the same name cannot be revoked', async () => {
  await done('holdfast ca init --dir other')
  await done('holdfast cert client --dns foreign.example --ca other')
  const refused = await play('holdfast ca revoke foreign.example.pem', directory)
  assert.equal(refused.exitCode, 1)
  assert.match(refused.stderr, /was not issued by the CA in ca/)
})

test('a PKCS#12 file opens with the password that was made up, and with one’s own', async () => {
  const made = JSON.parse(await done('holdfast cert p12 acme.example.pem acme.example.key --json')) as {
    file: string
    password: string
  }
  assert.equal(made.file, 'acme.example.p12')
  createSecureContext({ pfx: readFileSync(join(directory, made.file)), passphrase: made.password })
  writeFileSync(join(directory, 'secret.txt'), 'my own\r\n')
  const told = await done(
    'holdfast cert p12 acme.example.pem acme.example.key --out own.p12 --password-file secret.txt',
  )
  assert.doesNotMatch(told, /my own/)
  createSecureContext({ pfx: readFileSync(join(directory, 'own.p12')), passphrase: 'my own' })
  const mismatched = await play('holdfast cert p12 acme.example.pem ca/root.key', directory)
  assert.equal(mismatched.exitCode, 1)
  assert.match(mismatched.stderr, /ca\/root\.key is not the key of acme\.example\.pem/)
})

test('RFC 7517 §4.7  the JWK Set holds key and certificates, from which Node makes the same key', async () => {
  const { keys } = JSON.parse(await done('holdfast cert jwks acme.example.pem --json')) as {
    keys: { kty: string; x: string; kid: string; x5c: string[] }[]
  }
  const certificate = new X509Certificate(readFileSync(join(directory, 'acme.example.pem')))
  assert.equal(keys.length, 1)
  assert.equal(keys[0]?.x5c[0], certificate.raw.toString('base64'))
  assert.equal(keys[0]?.x5c.length, 2)
  assert.equal(keys[0]?.x, certificate.publicKey.export({ format: 'jwk' }).x)
  assert.equal(keys[0]?.kid, (await done('holdfast cert thumbprint acme.example.pem')).trim())
})

test('certificates are read out of DER, and out of PEM with other things around', async () => {
  const { raw } = new X509Certificate(readFileSync(join(directory, 'acme.example.pem')))
  writeFileSync(join(directory, 'one.der'), raw)
  writeFileSync(
    join(directory, 'all.pem'),
    `subject=CN = acme\n${readFileSync(join(directory, 'acme.example.key'), 'utf8')}${readFileSync(join(directory, 'acme.example.pem'), 'utf8')}`,
  )
  assert.equal(await done('holdfast cert thumbprint one.der'), await done('holdfast cert thumbprint all.pem'))
})

test('a certificate cannot steer the terminal on which it is shown', async () => {
  const hostile = createTestAuthority().issue({
    commonName: 'a\u001b]0;owned\u0007\u202e',
    san: { dns: ['a\u001b[2J'], uri: ['urn:a\r\nb'] },
  })
  writeFileSync(join(directory, 'hostile.pem'), hostile.chainPem)
  for (const [line, shown] of [
    ['holdfast cert show hostile.pem', /a\\u\{1b\}\[2J/],
    ['holdfast cert show hostile.pem --json', /a\\u001b\[2J/],
    ['holdfast cert verify hostile.pem --anchor ca/root.pem', /\\u\{202e\}/],
  ] as const) {
    const { stdout, stderr } = await play(line, directory)
    assert.match(stdout, shown)
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f]/, line)
  }
})

const wrongUse = [
  ['holdfast cert client', 2, /would name nobody/],
  ['holdfast cert client --dns a..b', 2, /--dns a\.\.b is not what it should be/],
  ['holdfast cert client --ip 1.2.3', 2, /--ip 1\.2\.3 is not what it should be/],
  ['holdfast cert client --uri acme', 2, /--uri acme is not what it should be/],
  ['holdfast cert client --email acme', 2, /--email acme is not what it should be/],
  ['holdfast cert client --subject /C=DE/CN=acme', 2, /did you mean CN=acme,C=DE\?/],
  ['holdfast cert client --dns a --not-before 2030-01-01 --not-after 2029-01-01', 2, /end before it begins/],
  ['holdfast cert client --dns a --ca nowhere', 2, /holdfast ca init --dir nowhere/],
  ['holdfast cert client --dns a --days 0', 2, /days are a whole number/],
  ['holdfast cert client --dns a --not-after tomorrow', 2, /a time is a date/],
  ['holdfast cert bad rotten', 2, /kind/],
  ['holdfast cert verify acme.example.pem', 2, /--anchor/],
  ['holdfast cert verify acme.example.pem --anchor acme.example.pem', 2, /anchor not ca/],
  ['holdfast cert show nowhere.pem', 3, /nowhere\.pem is not there/],
  ['holdfast cert show ca/root.key', 1, /holds no certificate/],
  ['holdfast cert p12 acme.example.pem acme.example.pem', 1, /holds no private key/],
] as const

for (const [line, exitCode, told] of wrongUse) {
  test(`${line}: exit ${exitCode}, nothing on standard output`, async () => {
    const answer = await play(line, directory)
    assert.match(answer.stderr, told)
    assert.equal(answer.stdout, '')
    assert.equal(answer.exitCode, exitCode)
  })
}

interface Played {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: ExitCode
}

async function done(line: string): Promise<string> {
  const { stdout, stderr, exitCode } = await play(line, directory)
  assert.equal(exitCode, 0, `${line}: ${stderr}`)
  return stdout
}

async function play(line: string, folder: string, making: Making = systemMaking): Promise<Played> {
  let stdout = ''
  let stderr = ''
  let exitCode: ExitCode = 0
  const host: TerminalHost = {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    environment: {},
    folder,
  }
  let terminal = createTerminal(host, { json: false, quiet: false })
  const program = new Command('holdfast')
  const context: Parameters<typeof certCommand>[0] = {
    async run(options, work) {
      terminal = createTerminal(host, { json: options.json === true, quiet: options.quiet === true })
      exitCode = await work(terminal)
    },
  }
  program.addCommand(caCommand(context, making)).addCommand(certCommand(context, making))
  const silence = (command: Command): void => {
    command.exitOverride().configureOutput({
      writeOut: (text: string) => (stdout += text),
      writeErr: (text: string) => (stderr += text),
    })
    command.commands.forEach(silence)
  }
  silence(program)
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '')
  try {
    await program.parseAsync(words.slice(1), { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? 0 : 2
    else exitCode = complainAbout(error, terminal)
  }
  return { stdout, stderr, exitCode }
}

function repeatableMaking(): Making {
  let drawn = 0
  const random = (octets: number): Uint8Array => new Uint8Array(octets).fill(++drawn)
  return {
    now: () => Date.UTC(2026, 0, 1) / 1000,
    random,
    newKey(kind) {
      assert.equal(kind, 'ed25519', 'a transcript makes keys whose signatures are always the same')
      const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), random(32)])
      return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    },
  }
}

function opensslVerify(file: string, purpose: 'sslclient' | 'sslserver', list?: string): string {
  const { stdout, stderr } = spawnSync(
    'openssl',
    [
      'verify',
      '-purpose',
      purpose,
      '-CAfile',
      'ca/root.pem',
      '-untrusted',
      'ca/issuing.pem',
      ...(list === undefined ? [] : ['-crl_check', '-CRLfile', list]),
      file,
    ],
    { cwd: directory, encoding: 'utf8' },
  )
  return `${stdout}${stderr}`
}
