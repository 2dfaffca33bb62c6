/** What holds where nobody has set anything else: it works as it is, and is a beginning to copy from. */
export const DEFAULT_ROUTING = `# Who is told what. The language is Alertmanager's; "sluice" and "sluice_configs" are what Sluice adds.
route:
  receiver: team
  # What others tell is gathered for a moment and told together.
  group_by: [alertname, env, team, cluster]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 4h
  routes:
    # What Sluice itself finds concerns one job or one cluster, and is told at once.
    - matchers: ['source="sluice"']
      receiver: team
      group_by: [alertname, env, team, cluster, job, chat, from]
      group_wait: 0s
      group_interval: 1m

receivers:
  - name: team
    # A card in the chats of the alert's team; who is called follows from the tier and the team's chain.
    sluice_configs:
      - chats: team

inhibit_rules:
  # A cluster that does not answer says nothing about its jobs: one alert is enough.
  - source_matchers: ['alertname="ClusterSilent"']
    target_matchers: ['source="sluice"', 'job!=""']
    equal: [env, cluster]
  # Of a job that is down nobody needs to hear that it is slow.
  - source_matchers: ['alertname=~"JobFailed|JobLost|RestartLoop"']
    target_matchers: ['source="sluice"', 'alertname=~"NoCheckpoint|Checkpoint.*|Lag|Backpressure|ThroughputZero"']
    equal: [env, cluster, job]

sluice:
  # The first that matches gives an alert its tier. P0 and P1 call people, P2 is shown, P3 waits for the digest.
  tiers:
    - { tier: P0, matchers: ['severity="critical"', 'importance="critical"', 'env=~"prod.*"'] }
    - { tier: P1, matchers: ['severity="critical"', 'importance!="minor"', 'env=~"prod.*"'] }
    - { tier: P2, matchers: ['severity="critical"', 'importance="minor"'] }
    - { tier: P0, matchers: ['severity=~"page|p0|P0"'] }
    - { tier: P1, matchers: ['severity=~"critical|p1|P1"', 'env=~"prod.*|"'] }
    - { tier: P2, matchers: ['severity=~"critical|warning|error|p2|P2|"'] }
    - { tier: P3, matchers: [] }
`
