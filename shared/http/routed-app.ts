// An app as the table types it: a route that the table has not, or another schema, status or answer than the row's, does not
// compile, nor does a route of App2 without a gate. Types alone: at run time it is Hono's.
import type { Context, MiddlewareHandler, TypedResponse } from 'hono'
import type * as z from 'zod/mini'
import type { Contracts, contracts } from '../routes.ts'
import type { AppEnvironment } from './app-environment.ts'

type Name = keyof Contracts
type PathOf<N, M extends string> = N extends `${M} ${infer P}` ? P : never

/** The paths that take a body. */
export type BodyPath = PathOf<{ [N in Name]: Contracts[N] extends WithBody ? N : never }[Name], 'POST'>
type WithBody = { readonly request: unknown }

/** The schema of the body that `POST` of the path takes. */
export type BodySchema<P extends BodyPath> = Contracts[`POST ${P}`]['request']['schema']

type Answer<P extends BodyPath> = TypedResponse<
  z.output<Contracts[`POST ${P}`]['success']['schema']>,
  Contracts[`POST ${P}`]['success']['status'],
  'json'
>

type Handler<P extends BodyPath> = (c: Context<AppEnvironment, P>) => Promise<Answer<P>>

type App1Path = BodyPath & PathOf<keyof (typeof contracts)['app1'], 'POST'>
type App2Path = BodyPath & PathOf<keyof (typeof contracts)['app2'], 'POST'>

export type RoutedApp1 = { post<P extends App1Path>(path: P, handler: Handler<P>): unknown }

export type RoutedApp2 = {
  post<P extends App2Path>(path: P, gate: MiddlewareHandler<AppEnvironment>, handler: Handler<P>): unknown
}
