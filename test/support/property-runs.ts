// Vitest set-up of the property tests: 100 cases each, or as many as PROPERTY_RUNS says; the gate plays 1,000.
import fc from 'fast-check'

fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: Number(process.env['PROPERTY_RUNS'] ?? 100) })
