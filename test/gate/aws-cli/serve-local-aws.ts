// Starts local AWS for run.sh and prints its address; it stays until it is told to end.
import { startLocalAws } from '../../../infra/emulators/aws/server.ts'

const aws = await startLocalAws({
  principals: new Map([
    ['ASIAROLE', 'arn:aws:iam::123456789012:role/app'],
    ['ASIAOTHER', 'arn:aws:iam::111122223333:role/app'],
  ]),
  webIdentityAccounts: ['123456789012'],
})
console.log(aws.url)
process.once('SIGTERM', () => void aws.close())
