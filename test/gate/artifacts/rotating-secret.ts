// Stands between the rotation function and local AWS, and says of the secret what Secrets Manager would while it rotates.
import * as z from 'zod/mini'
import {
  listenOnLoopback,
  type GatewayReply,
  type GatewayRequest,
} from '../../../infra/emulators/gateway/loopback-server.ts'
import type { LoopbackServer } from '../../../infra/emulators/gateway/loopback-server.ts'

export type RotatingSecret = LoopbackServer & {
  /** The version that DescribeSecret shows under AWSPENDING from now on, for as long as it has no value of its own. */
  begin(version: string): void
}

const described = z.looseObject({ VersionIdsToStages: z.record(z.string(), z.array(z.string())) })

/**
 * Local AWS rotates nothing by itself: no secret of its has rotation enabled, and none has a version without a value,
 * which is what RotateSecret leaves for the function to fill. Every call but DescribeSecret goes through unchanged.
 */
export async function startRotatingSecret({ awsUrl }: { readonly awsUrl: string }): Promise<RotatingSecret> {
  let pending: string | undefined

  const whileRotating = (answer: string): string => {
    const state = described.parse(JSON.parse(answer))
    const VersionIdsToStages = withPending(state.VersionIdsToStages, pending)
    return JSON.stringify({ ...state, RotationEnabled: true, VersionIdsToStages })
  }

  const answer = async (request: GatewayRequest): Promise<GatewayReply> => {
    const headers = Object.fromEntries(request.headers.map(([name, value]) => [name.toLowerCase(), value]))
    const { 'content-type': type = '', 'x-amz-target': target = '', authorization = '' } = headers
    const response = await fetch(`${awsUrl}${request.target}`, {
      method: request.method,
      headers: { 'content-type': type, 'x-amz-target': target, authorization },
      ...(request.body?.length && { body: request.body.toString() }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: [['content-type', response.headers.get('content-type') ?? '']],
      body: response.ok && target === 'secretsmanager.DescribeSecret' ? whileRotating(text) : text,
    }
  }

  const server = await listenOnLoopback({ port: 0, answer })
  return {
    ...server,
    begin: (version) => {
      pending = version
    },
  }
}

/** A label is on one version at a time: the one that waits for its value takes it from the one that a rotation finished. */
function withPending(stages: Readonly<Record<string, string[]>>, version: string | undefined): object {
  if (version === undefined || version in stages) return stages
  const others = Object.entries(stages).map(([id, labels]) => [id, labels.filter((label) => label !== 'AWSPENDING')])
  return { ...(Object.fromEntries(others) as object), [version]: ['AWSPENDING'] }
}
