import assert from 'node:assert/strict'
import { test } from 'node:test'
import { named, runModules } from '../fapi/run-plan.ts'
import { basicModules, codeModules, hybridModules } from './basic-modules.ts'
import { configModules } from './config-modules.ts'
import { backchannelLogoutModules, logoutModules } from './logout-modules.ts'
import { startOpenid } from './openid-driver.ts'

const ofEveryServer = [
  ...named('oidcc', configModules),
  ...named('oidcc-rp-initiated-logout', logoutModules),
  ...named('oidcc-backchannel', backchannelLogoutModules),
]

for (const [plan, responseType, responseMode] of [
  ['oidcc-basic-certification-test-plan', 'code', 'default'],
  ['oidcc-formpost-basic-certification-test-plan', 'code', 'form_post'],
  ['oidcc-hybrid-certification-test-plan', 'code id_token', 'default'],
  ['oidcc-formpost-hybrid-certification-test-plan', 'code id_token', 'form_post'],
] as const) {
  const modules = { ...basicModules, ...(responseType === 'code' ? codeModules : hybridModules) }
  const all = responseType === 'code' && responseMode === 'default' ? ofEveryServer : []
  runModules(plan, (t) => startOpenid(t, { responseType, responseMode }), [...named('oidcc', modules), ...all])
}

test('the plans have as many modules as those of the suite', () => {
  assert.equal(Object.keys({ ...basicModules, ...codeModules }).length, 37)
  assert.equal(Object.keys(logoutModules).length, 11)
  assert.equal(Object.keys(backchannelLogoutModules).length, 2)
})
