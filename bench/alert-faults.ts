// Alerts over three processes on PostgreSQL, one of which is killed every five seconds, told to a program that refuses
// one call in five for now and takes one in twenty without its caller hearing so.
// Run: npm run bench -- alert-faults, or npx tsx bench/alert-faults.ts [--quick]
import { alertsWithFaults } from '../test/support/alert-faults.ts'
import { bench } from './lib/bench.ts'

await bench({
  for: '10,000 incidents with faults and kills: none lost, none twice',
  async run(bench) {
    const { url } = { url: bench.place.environment.DATABASE_URL }
    if (url === undefined) return bench.say('several processes need a server')
    const incidents = bench.quick ? 500 : 10_000
    const order = { url, home: bench.place.home, incidents, replicas: 3, killEveryMs: 5_000 }
    const found = await alertsWithFaults(order)
    const none = (value: number) => ({ target: '0', met: value === 0 })
    bench.figure(`lost of ${incidents} alerts`, String(found.lost), none(found.lost))
    bench.figure('incidents twice', String(found.incidentsTwice), none(found.incidentsTwice))
    bench.figure('notices twice', String(found.noticesTwice), none(found.noticesTwice))
    bench.say(
      `${found.kills} kills in ${Math.round(found.tookMs / 1000)} s; ${found.toldTwice} told twice to the program, which has no key to know them by (${found.inFlight} calls may have been under way when a process died)`,
    )
    for (const complaint of found.complaints.slice(0, 10)) bench.say(`! ${complaint}`)
  },
})
