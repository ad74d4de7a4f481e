// Says in one line what is missing when neither the pinned Node 24 nor a recent host Node runs the scripts.
const [major] = process.versions.node.split('.').map(Number)
if (major < 24) {
  console.error(
    `Latchkey's scripts need Node 24 or newer; this is ${process.version}. ` +
      'On Linux with glibc, Windows and Intel Macs `npm ci` brings it along; elsewhere install Node 24 (see .nvmrc).',
  )
  process.exit(1)
}
