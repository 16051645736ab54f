import assert from 'node:assert/strict'
import { test } from 'node:test'
import { named, runModules } from '../fapi/run-plan.ts'
import { basicModules, codeModules, hybridModules } from './basic-modules.ts'
import { configModules } from './config-modules.ts'
import { dynamicModules } from './dynamic-modules.ts'
import { backchannelLogoutModules, logoutModules } from './logout-modules.ts'
import { startOpenid } from './openid-driver.ts'

/** The lines of conformance/openid-core.md that a module holds. */
const held = {
  'prompt-none-not-logged-in': 'OPENID-CORE-M1',
  'prompt-login': 'OPENID-CORE-M1',
  'max-age-1': 'OPENID-CORE-M2',
  'id-token-hint': 'OPENID-CORE-M3',
  'ensure-request-without-nonce-fails': 'OPENID-CORE-M6',
  'scope-all': 'OPENID-CORE-M7',
  'claims-essential': 'OPENID-CORE-M7',
}

/** The lines of conformance/openid-logout.md that a module holds. */
const heldByLogout = {
  'discovery-endpoint-verification': 'OPENID-LOGOUT-R1',
  '': 'OPENID-LOGOUT-R2',
  'bad-post-logout-redirect-uri': 'OPENID-LOGOUT-R3',
  'modified-id-token-hint': 'OPENID-LOGOUT-R4',
}
const heldByBackchannel = {
  'discovery-endpoint-verification': 'OPENID-LOGOUT-B1',
  'rp-initiated-logout': 'OPENID-LOGOUT-B2',
}

const ofEveryServer = [
  ...named('oidcc', configModules),
  ...named('oidcc-rp-initiated-logout', logoutModules, heldByLogout),
  ...named('oidcc-backchannel', backchannelLogoutModules, heldByBackchannel),
]

runModules(
  'oidcc-dynamic-certification-test-plan, of code',
  (t) => startOpenid(t, { responseType: 'code', responseMode: 'default' }),
  named('oidcc', dynamicModules),
)

for (const [plan, responseType, responseMode] of [
  ['oidcc-basic-certification-test-plan', 'code', 'default'],
  ['oidcc-formpost-basic-certification-test-plan', 'code', 'form_post'],
  ['oidcc-hybrid-certification-test-plan', 'code id_token', 'default'],
  ['oidcc-formpost-hybrid-certification-test-plan', 'code id_token', 'form_post'],
] as const) {
  const modules = { ...basicModules, ...(responseType === 'code' ? codeModules : hybridModules) }
  const all = responseType === 'code' && responseMode === 'default' ? ofEveryServer : []
  runModules(plan, (t) => startOpenid(t, { responseType, responseMode }), [...named('oidcc', modules, held), ...all])
}

test('the plans have as many modules as those of the suite', () => {
  assert.equal(Object.keys({ ...basicModules, ...codeModules }).length, 37)
  assert.equal(Object.keys(logoutModules).length, 11)
  assert.equal(Object.keys(dynamicModules).length, 18)
  assert.equal(Object.keys(backchannelLogoutModules).length, 2)
})
