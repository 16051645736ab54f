import { AggregatorRegistry, Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { ExpiryGauge, Metrics } from './metrics.ts'

/** {@link Metrics} by prom-client. `expiries` is asked at each scrape; a `worker` hands its counts to the first process. */
export function prometheusMetrics(expiries: () => readonly ExpiryGauge[], worker: 'yes' | 'no'): Metrics {
  const registry = new Registry()
  if (worker === 'yes') {
    AggregatorRegistry.setRegistries([registry])
    new AggregatorRegistry()
  }
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Counter({
    name: 'holdfast_http_requests_total',
    help: 'Requests answered',
    labelNames: ['endpoint', 'status'],
    registers,
  })
  const durations = new Histogram({
    name: 'holdfast_http_request_duration_seconds',
    help: 'Time from the request’s headers to its answer',
    labelNames: ['endpoint'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  })
  const issued = new Counter({
    name: 'holdfast_tokens_issued_total',
    help: 'Access tokens issued',
    labelNames: ['grant_type', 'format', 'method', 'bound'],
    registers,
  })
  const refused = new Counter({
    name: 'holdfast_requests_refused_total',
    help: 'Requests refused, by reason',
    labelNames: ['endpoint', 'reason'],
    registers,
  })
  const wouldHaveRefused = new Counter({
    name: 'holdfast_requests_would_have_refused_total',
    help: 'Requests that a rule which is only reported would have refused, by reason',
    labelNames: ['endpoint', 'reason'],
    registers,
  })
  const revoked = new Counter({
    name: 'holdfast_tokens_revoked_total',
    help: 'Revocation requests, by outcome',
    labelNames: ['outcome'],
    registers,
  })
  const authorized = new Counter({
    name: 'holdfast_authorizations_granted_total',
    help: 'Authorizations that people gave to clients',
    labelNames: ['response_type'],
    registers,
  })
  const logins = new Counter({
    name: 'holdfast_logins_total',
    help: 'Logins of people, by way and outcome',
    labelNames: ['way', 'outcome'],
    registers,
  })
  const introspected = new Counter({
    name: 'holdfast_tokens_introspected_total',
    help: 'Introspections, by result',
    labelNames: ['active'],
    registers,
  })
  const registrations = new Counter({
    name: 'holdfast_client_registrations_total',
    help: 'Clients that registered themselves, changed their registration or removed it',
    labelNames: ['event'],
    registers,
  })
  const unknownRevocation = new Counter({
    name: 'holdfast_unknown_revocation_accepted_total',
    help: 'Certificates accepted though nothing was known about their revocation',
    labelNames: ['trust'],
    registers,
  })
  const edge = new Counter({
    name: 'holdfast_edge_events_total',
    help: 'Connections, requests and certificates that the edge refused, and what else it noticed',
    labelNames: ['event', 'listener', 'reason'],
    registers,
  })
  const revocation = new Counter({
    name: 'holdfast_revocation_loads_total',
    help: 'CRLs and OCSP responses that were asked for, by what came of it',
    labelNames: ['trust', 'kind', 'outcome'],
    registers,
  })
  const bundles = new Counter({
    name: 'holdfast_spiffe_bundle_loads_total',
    help: 'Bundles of SPIFFE trust domains that were looked for, by what came of it',
    labelNames: ['trust', 'outcome'],
    registers,
  })
  new Gauge({
    name: 'holdfast_expiry_timestamp_seconds',
    help: 'When a certificate or key ends',
    labelNames: ['kind', 'name'],
    registers,
    collect() {
      this.reset()
      for (const { kind, name, expiresAt } of expiries()) this.set({ kind, name }, expiresAt)
    },
  })
  return {
    requestAnswered: (endpoint, status, seconds) => {
      requests.inc({ endpoint, status })
      durations.observe({ endpoint }, seconds)
    },
    decided: (event) => {
      switch (event.event) {
        case 'token_issued': {
          const { grantType, format, method, boundTo } = event
          return issued.inc({ grant_type: grantType, format, method, bound: boundTo === undefined ? 'no' : 'yes' })
        }
        case 'request_refused':
          return refused.inc({ endpoint: event.endpoint, reason: event.failure.reason })
        case 'would_have_refused':
          return wouldHaveRefused.inc({ endpoint: event.endpoint, reason: event.failure.reason })
        case 'token_revoked':
          return revoked.inc({ outcome: event.outcome })
        case 'authorization_granted':
          return authorized.inc({ response_type: event.responseType })
        case 'person_logged_in':
          return logins.inc({ way: event.way, outcome: 'in' })
        case 'login_refused':
          return logins.inc({ way: event.way, outcome: 'refused' })
        case 'userinfo_told':
        case 'decoupled_authorization_requested':
        case 'person_logged_out':
        case 'logout_told':
        case 'authorization_refused':
        case 'authorization_revoked':
        case 'person_changed':
        case 'person_change_refused':
          return
        case 'client_registered':
        case 'client_updated':
        case 'client_removed':
          return registrations.inc({ event: event.event })
        case 'token_introspected':
          return introspected.inc({ active: String(event.active) })
        case 'unknown_revocation_accepted':
          return unknownRevocation.inc({ trust: event.trust })
      }
    },
    edge: (event) => {
      const reason = 'refusal' in event ? event.refusal.reason : ''
      edge.inc({ event: event.event, listener: event.listener, reason })
    },
    revocation: (trust, kind, outcome) => revocation.inc({ trust, kind, outcome }),
    spiffeBundle: (trust, outcome) => bundles.inc({ trust, outcome }),
    exposition: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  }
}
