import { runtimeContract } from '../../contracts/runtime.ts'
import { yarnWorld } from './yarn-world.ts'

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

runtimeContract(
  'a real YARN',
  async () => {
    const world = await yarnWorld()
    const nowhere = {
      ...world.place,
      resourceManagers: ['http://127.0.0.1:9'],
      nameNodes: ['http://127.0.0.1:9'],
    }
    return {
      runtime: world.runtime(),
      nowhere: world.runtime({ place: nowhere }),
      counterJob: world.counterJob,
      savepoints: world.directories.savepoints,
      // One TaskManager of two fits.
      noRoom: { parallelism: 2, flinkSettings: { 'taskmanager.memory.process.size': '20g' } },
      pass: sleep,
      close: world.close,
    }
  },
  { proof: 'yarn-final', hasSlots: false },
)
