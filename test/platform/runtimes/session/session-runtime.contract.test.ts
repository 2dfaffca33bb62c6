import { runtimeContract } from '../../../contracts/runtime.ts'
import { simulatedWorld } from '../../../fakes/simulated-world.ts'

for (const version of ['1.16.1', '1.20.3', '2.3.0']) {
  runtimeContract(`a simulated session cluster of Flink ${version}`, async () => {
    const world = await simulatedWorld({ version })
    return {
      runtime: world.runtime,
      nowhere: world.fresh({ address: 'http://127.0.0.1:9' }),
      counterJob: world.counterJob,
      savepoints: world.simulator.directories.savepoints ?? '',
      pass: async (ms) => world.clock.pass(ms),
      close: world.close,
    }
  })
}
