// An app as the table types it: a route that the table has not, or another schema, status or answer than the row's, does not
// compile, nor does a route without a gate. Types alone: at run time it is Hono's.
import type { Context, MiddlewareHandler, TypedResponse } from 'hono'
import type * as z from 'zod/mini'
import type { Contracts, contracts } from '../routes.ts'
import type { AppEnvironment } from './app-environment.ts'

type Name = keyof Contracts
type Verb = 'get' | 'post' | 'put' | 'delete'
type PathOf<N, V extends Verb> = N extends `${Uppercase<V>} ${infer P}` ? P : never

/** The paths of both apps. */
export type RoutePath = PathOf<Name, Verb>

type With<Member extends string> = Readonly<Record<Member, unknown>>
type Named<Member extends string> = { [N in Name]: Contracts[N] extends With<Member> ? N : never }[Name]

/** The paths that take a body. */
export type BodyPath = PathOf<Named<'request'>, 'post'>

/** The schema of the body that `POST` of the path takes. */
export type BodySchema<P extends BodyPath> = Contracts[`POST ${P}`]['request']['schema']

/** Whatever the method: a path has the same parameters for all of its methods. */
type ParametersOf<P extends RoutePath> = {
  [N in Named<'parameters'>]: PathOf<N, Verb> extends P
    ? P extends PathOf<N, Verb>
      ? Contracts[N]['parameters']
      : never
    : never
}[Named<'parameters'>]
type Member<Parameters, M extends string> = Parameters extends Readonly<Record<M, infer Schema>> ? Schema : never

export type PathSchema<P extends RoutePath> = Member<ParametersOf<P>, 'path'>
export type QuerySchema<P extends RoutePath> = Member<ParametersOf<P>, 'query'>

/** The schema of what a route of App2 answers, and what it gives. */
export type AnswerSchema<P extends BodyPath> = Contracts[`POST ${P}`]['success']['schema']

type Answer<N extends Name> =
  | TypedResponse<z.output<Contracts[N]['success']['schema']>, Contracts[N]['success']['status'], 'json'>
  | DryAnswer<Contracts[N]>

type DryAnswer<C> = C extends { readonly dryRun: { readonly schema: infer Schema extends z.ZodMiniType } }
  ? TypedResponse<z.output<Schema>, 200, 'json'>
  : never

type Handler<N extends Name, P extends string> = (c: Context<AppEnvironment, P>) => Promise<Answer<N>>

type Gate = MiddlewareHandler<AppEnvironment>

type Routed<Own extends Name> = {
  [V in Verb]: <P extends PathOf<Own, V>>(
    path: P,
    gate: Gate,
    handler: Handler<Extract<Name, `${Uppercase<V>} ${P}`>, P>,
  ) => unknown
}

export type RoutedApp1 = Routed<keyof (typeof contracts)['app1']>
export type RoutedApp2 = Routed<keyof (typeof contracts)['app2']>
