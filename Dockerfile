# The base is an argument, so that an image can be built from one's own registry, or from nothing but the Node that is
# at hand (scripts/check-image.sh). It needs Node 20.19 or newer, npm and a shell.
ARG BASE=docker.io/library/node:20-bookworm-slim

FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json prisma.config.ts ./
COPY scripts scripts
COPY prisma prisma
COPY src src
COPY web web
RUN node scripts/build.mjs

# Without the flag npm would install the Prisma CLI as well, a peer that nothing here runs: 135 MB instead of 395. Then
# 52 MB of it are the Prisma client's compilers for databases that are not ours.
FROM ${BASE} AS dependencies
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --legacy-peer-deps --ignore-scripts --no-audit --no-fund \
  && for database in cockroachdb mysql sqlite sqlserver; do rm node_modules/@prisma/client/runtime/*.$database.*; done

FROM ${BASE}
WORKDIR /app
RUN mkdir -p /var/lib/sluice && chown 10001:10001 /var/lib/sluice
COPY --from=dependencies /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY prisma/migrations prisma/migrations
COPY runner/sluice-sql-runner.jar runner/
COPY examples/counter-job.jar examples/
COPY package.json LICENSE ./

ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 SLUICE_HOME=/var/lib/sluice
USER 10001:10001
VOLUME /var/lib/sluice
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["start"]
