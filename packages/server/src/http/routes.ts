import type { Answer } from '@holdfast/core'
import type { Exchange } from '@holdfast/edge'
import type { BrowserAnswer } from './browser-answer.ts'
import type { Endpoints } from './endpoints.ts'

/** What is found at a path: one thing for each method that it knows. */
export interface Route {
  /** For metrics and logs. */
  readonly endpoint: string
  readonly methods: { readonly [Name in Method]?: Action }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** How a request is served. */
export type Action =
  /** A document that is the same for everyone until the next reload or rotation. */
  | { readonly kind: 'document'; readonly answer: () => Answer }
  /** What the server saw of this request, for who may know; else nothing is found here. */
  | { readonly kind: 'echo'; readonly answer: (exchange: Exchange) => Answer | undefined }
  /** Something that reads the request by itself: a page for a person's browser, for instance. */
  | { readonly kind: 'exchange'; readonly serve: (exchange: Exchange, correlationId: string) => Promise<BrowserAnswer> }
  /** A form that the core answers. */
  | { readonly kind: 'form'; readonly endpoint: keyof Endpoints }

/** Finds the route of a path: exact, case-sensitive, without its query. A path that ends in `/` stands for all with one more segment. */
export interface Routes {
  find(path: string): Route | undefined
}

/** Puts routes behind their paths. */
export function createRoutes(paths: Readonly<Record<string, Route>>): Routes {
  const routes = new Map(Object.entries(paths))
  return { find: (path) => routes.get(path) ?? routes.get(path.slice(0, path.lastIndexOf('/', path.length - 2) + 1)) }
}
