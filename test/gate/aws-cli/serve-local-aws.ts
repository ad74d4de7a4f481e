// Starts local AWS for run.sh and prints its address; it stays until it is told to end.
import { startLocalAws } from '../../../infra/emulators/aws/server.ts'

const aws = await startLocalAws()
console.log(aws.url)
process.once('SIGTERM', () => void aws.close())
