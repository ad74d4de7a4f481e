// Queues by the names that local AWS gives them: its address and account in place of those that fauxqs has built in.

const fauxqsAccount = '000000000000'

type Members = Readonly<Record<string, unknown>>

export type QueueNames = {
  /** Of an input: the ARN of a dead-letter queue. A queue's address needs nothing: fauxqs reads its last segment. */
  toFauxqs(input: Members): Members
  /** Of an answer: addresses and ARNs of queues. */
  fromFauxqs(answer: object): object
}

export function createQueueNames(options: {
  readonly region: string
  readonly accountId: string
  readonly origin: () => string
}): QueueNames {
  const arns = (accountId: string): string => `arn:aws:sqs:${options.region}:${accountId}:`
  const [ours, theirs] = [arns(options.accountId), arns(fauxqsAccount)]
  const toUrl = (url: string): string =>
    `${options.origin()}/${options.accountId}/${url.slice(url.lastIndexOf('/') + 1)}`

  return {
    toFauxqs: (input) => withArns(input, { from: ours, to: theirs }),
    fromFauxqs: (answer) => {
      const named = withArns(answer as Members, { from: theirs, to: ours })
      const { QueueUrl, QueueUrls } = named
      return {
        ...named,
        ...(typeof QueueUrl === 'string' && { QueueUrl: toUrl(QueueUrl) }),
        ...(Array.isArray(QueueUrls) && { QueueUrls: QueueUrls.map((url) => toUrl(String(url))) }),
      }
    },
  }
}

/** Only a queue's own attributes have ARNs; those of a message are in lists, and stay as they are. */
function withArns(members: Members, { from, to }: { readonly from: string; readonly to: string }): Members {
  const { Attributes } = members
  if (typeof Attributes !== 'object' || Attributes === null) return members
  const renamed = Object.entries(Attributes).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' ? value.replaceAll(from, to) : value,
  ])
  return { ...members, Attributes: Object.fromEntries(renamed) as Members }
}
