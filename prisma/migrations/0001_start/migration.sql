-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "Team" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "zone" TEXT NOT NULL DEFAULT 'Asia/Shanghai',
    "language" TEXT NOT NULL DEFAULT 'zh',
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Team_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Environment" (
    "name" TEXT NOT NULL,
    "titleZh" TEXT NOT NULL,
    "titleEn" TEXT NOT NULL,
    "approvals" TEXT[],
    "expiresMin" INTEGER NOT NULL DEFAULT 15,

    CONSTRAINT "Environment_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "Member" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "displayName" TEXT NOT NULL,
    "email" TEXT,
    "language" TEXT NOT NULL DEFAULT 'zh',
    "zone" TEXT NOT NULL DEFAULT 'Asia/Shanghai',
    "passwordHash" TEXT,
    "isAdmin" BOOLEAN NOT NULL DEFAULT false,
    "disabledAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Member_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Role" (
    "name" TEXT NOT NULL,
    "titleZh" TEXT NOT NULL,
    "titleEn" TEXT NOT NULL,
    "permissions" TEXT[],
    "builtIn" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "Role_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "Membership" (
    "memberId" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "roleName" TEXT NOT NULL,

    CONSTRAINT "Membership_pkey" PRIMARY KEY ("memberId","teamId")
);

-- CreateTable
CREATE TABLE "Account" (
    "id" TEXT NOT NULL,
    "vendor" TEXT NOT NULL,
    "externalId" TEXT NOT NULL,
    "displayName" TEXT NOT NULL,
    "memberId" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "OneTimeCode" (
    "hash" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "OneTimeCode_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "Token" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "verbs" TEXT[],
    "teams" TEXT[],
    "environments" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "revokedAt" TIMESTAMPTZ(3),
    "lastUsedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "WebSession" (
    "hash" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "csrf" TEXT NOT NULL,
    "signedInAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "seenAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "rotatedTo" TEXT,

    CONSTRAINT "WebSession_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "SignInThrottle" (
    "key" TEXT NOT NULL,
    "failures" INTEGER NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "SignInThrottle_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "memberId" TEXT,
    "actor" TEXT NOT NULL,
    "via" TEXT NOT NULL,
    "verb" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "subjectId" TEXT,
    "jobId" TEXT,
    "teamId" TEXT,
    "decision" TEXT NOT NULL,
    "because" TEXT,
    "before" JSONB,
    "after" JSONB,
    "requestId" TEXT NOT NULL,

    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "FlinkVersion" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "vendor" TEXT,
    "home" TEXT NOT NULL,
    "confDir" TEXT,
    "javaHome" TEXT,
    "hadoopConfDir" TEXT,
    "isDefault" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "FlinkVersion_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Cluster" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "environmentName" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "managed" BOOLEAN NOT NULL DEFAULT false,
    "sandbox" BOOLEAN NOT NULL DEFAULT false,
    "flinkVersionId" TEXT,
    "savepointDir" TEXT,
    "checkpointDir" TEXT,
    "archiveDir" TEXT,
    "parallelOperations" INTEGER NOT NULL DEFAULT 4,
    "pulse" JSONB,
    "room" JSONB,
    "reachableAt" TIMESTAMPTZ(3),
    "unreachableSince" TIMESTAMPTZ(3),
    "unreachableBecause" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "removedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Cluster_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Artifact" (
    "digest" TEXT NOT NULL,
    "fileName" TEXT NOT NULL,
    "size" INTEGER NOT NULL,
    "entryClass" TEXT,
    "manifest" JSONB NOT NULL,
    "uploadedBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Artifact_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "Job" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "environmentName" TEXT NOT NULL,
    "clusterId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',
    "state" TEXT NOT NULL,
    "detail" JSONB NOT NULL,
    "stateSince" TIMESTAMPTZ(3) NOT NULL,
    "desired" TEXT NOT NULL DEFAULT 'stopped',
    "effectiveRelease" INTEGER,
    "releases" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "generation" INTEGER NOT NULL DEFAULT 0,
    "restartPolicy" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "archivedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Release" (
    "jobId" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "artifactDigest" TEXT,
    "sqlText" TEXT,
    "entryClass" TEXT,
    "args" TEXT[],
    "parallelism" INTEGER,
    "flinkSettings" JSONB NOT NULL,
    "flinkVersion" TEXT,
    "clusterId" TEXT NOT NULL,
    "savepointDir" TEXT,
    "note" TEXT NOT NULL DEFAULT '',
    "authorId" TEXT,
    "authorName" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Release_pkey" PRIMARY KEY ("jobId","number")
);

-- CreateTable
CREATE TABLE "Attempt" (
    "id" TEXT NOT NULL,
    "jobId" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "release" INTEGER NOT NULL,
    "parallelism" INTEGER,
    "clusterId" TEXT NOT NULL,
    "operationId" TEXT,
    "fence" INTEGER NOT NULL,
    "identity" JSONB NOT NULL,
    "flinkJobId" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "born" INTEGER,
    "restoredFrom" TEXT,
    "proof" JSONB,
    "intendedAt" TIMESTAMPTZ(3) NOT NULL,
    "liveAt" TIMESTAMPTZ(3),
    "overAt" TIMESTAMPTZ(3),

    CONSTRAINT "Attempt_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Operation" (
    "id" TEXT NOT NULL,
    "jobId" TEXT NOT NULL,
    "verb" TEXT NOT NULL,
    "mergeKey" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "order" JSONB NOT NULL,
    "plan" JSONB,
    "planDigest" TEXT,
    "step" JSONB NOT NULL,
    "progress" JSONB,
    "outcome" JSONB,
    "requestedBy" TEXT,
    "requester" TEXT NOT NULL,
    "via" TEXT NOT NULL,
    "reason" TEXT,
    "force" BOOLEAN NOT NULL DEFAULT false,
    "cancelAsked" TEXT,
    "fence" INTEGER NOT NULL DEFAULT 0,
    "leaseBy" TEXT,
    "leaseUntil" TIMESTAMPTZ(3),
    "deadlineAt" TIMESTAMPTZ(3),
    "requestId" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "startedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Operation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Approval" (
    "operationId" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "planDigest" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "decidedBy" TEXT,
    "decider" TEXT,
    "decidedAt" TIMESTAMPTZ(3),
    "note" TEXT,

    CONSTRAINT "Approval_pkey" PRIMARY KEY ("operationId")
);

-- CreateTable
CREATE TABLE "Savepoint" (
    "id" TEXT NOT NULL,
    "jobId" TEXT NOT NULL,
    "attemptId" TEXT,
    "release" INTEGER,
    "path" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "sizeBytes" BIGINT,
    "presence" TEXT NOT NULL DEFAULT 'unknown',
    "checkedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Savepoint_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "StateReading" (
    "jobId" TEXT NOT NULL,
    "writer" INTEGER NOT NULL,
    "reader" INTEGER NOT NULL,
    "outcome" TEXT NOT NULL,
    "because" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "StateReading_pkey" PRIMARY KEY ("jobId","writer","reader")
);

-- CreateTable
CREATE TABLE "Incident" (
    "id" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "jobId" TEXT,
    "clusterId" TEXT,
    "facts" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "openedAt" TIMESTAMPTZ(3) NOT NULL,
    "ackedAt" TIMESTAMPTZ(3),
    "ackedBy" TEXT,
    "closedAt" TIMESTAMPTZ(3),
    "closedAs" TEXT,

    CONSTRAINT "Incident_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Chat" (
    "id" TEXT NOT NULL,
    "vendor" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "teamId" TEXT,
    "language" TEXT NOT NULL,
    "lastSeq" BIGINT NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Chat_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Utterance" (
    "chatId" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "eventId" TEXT,
    "memberId" TEXT,
    "speaker" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Utterance_pkey" PRIMARY KEY ("chatId","seq")
);

-- CreateTable
CREATE TABLE "Card" (
    "id" TEXT NOT NULL,
    "chatId" TEXT NOT NULL,
    "subject" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "subjectVersion" INTEGER NOT NULL DEFAULT 0,
    "language" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "seq" BIGINT NOT NULL,
    "onlyFor" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Card_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "PressedButton" (
    "id" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "member" TEXT NOT NULL,
    "cardId" TEXT NOT NULL,
    "answer" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "PressedButton_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "IdempotencyKey" (
    "id" TEXT NOT NULL,
    "request" TEXT NOT NULL,
    "status" INTEGER,
    "response" JSONB,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "IdempotencyKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Lease" (
    "name" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "fence" BIGINT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Lease_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "Worker" (
    "id" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Worker_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Team_name_key" ON "Team"("name");

-- CreateIndex
CREATE UNIQUE INDEX "Member_name_key" ON "Member"("name");

-- CreateIndex
CREATE INDEX "Membership_teamId_idx" ON "Membership"("teamId");

-- CreateIndex
CREATE UNIQUE INDEX "Account_vendor_externalId_key" ON "Account"("vendor", "externalId");

-- CreateIndex
CREATE UNIQUE INDEX "Token_hash_key" ON "Token"("hash");

-- CreateIndex
CREATE INDEX "AuditEntry_jobId_id_idx" ON "AuditEntry"("jobId", "id");

-- CreateIndex
CREATE INDEX "AuditEntry_teamId_id_idx" ON "AuditEntry"("teamId", "id");

-- CreateIndex
CREATE INDEX "AuditEntry_memberId_id_idx" ON "AuditEntry"("memberId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "FlinkVersion_name_key" ON "FlinkVersion"("name");

-- CreateIndex
CREATE UNIQUE INDEX "Job_name_key" ON "Job"("name");

-- CreateIndex
CREATE INDEX "Job_teamId_name_idx" ON "Job"("teamId", "name");

-- CreateIndex
CREATE INDEX "Job_clusterId_idx" ON "Job"("clusterId");

-- CreateIndex
CREATE INDEX "Job_state_idx" ON "Job"("state");

-- CreateIndex
CREATE UNIQUE INDEX "Attempt_flinkJobId_key" ON "Attempt"("flinkJobId");

-- CreateIndex
CREATE INDEX "Attempt_clusterId_state_idx" ON "Attempt"("clusterId", "state");

-- CreateIndex
CREATE UNIQUE INDEX "Attempt_jobId_number_key" ON "Attempt"("jobId", "number");

-- CreateIndex
CREATE INDEX "Operation_jobId_createdAt_idx" ON "Operation"("jobId", "createdAt");

-- CreateIndex
CREATE INDEX "Operation_state_createdAt_idx" ON "Operation"("state", "createdAt");

-- CreateIndex
CREATE INDEX "Operation_createdAt_id_idx" ON "Operation"("createdAt", "id");

-- CreateIndex
CREATE INDEX "Savepoint_jobId_at_idx" ON "Savepoint"("jobId", "at");

-- CreateIndex
CREATE UNIQUE INDEX "Savepoint_jobId_path_key" ON "Savepoint"("jobId", "path");

-- CreateIndex
CREATE INDEX "Incident_jobId_openedAt_idx" ON "Incident"("jobId", "openedAt");

-- CreateIndex
CREATE INDEX "Incident_subject_kind_idx" ON "Incident"("subject", "kind");

-- CreateIndex
CREATE UNIQUE INDEX "Utterance_eventId_key" ON "Utterance"("eventId");

-- CreateIndex
CREATE INDEX "Card_subject_idx" ON "Card"("subject");

-- CreateIndex
CREATE UNIQUE INDEX "Card_chatId_seq_key" ON "Card"("chatId", "seq");

-- AddForeignKey
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_memberId_fkey" FOREIGN KEY ("memberId") REFERENCES "Member"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_roleName_fkey" FOREIGN KEY ("roleName") REFERENCES "Role"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Account" ADD CONSTRAINT "Account_memberId_fkey" FOREIGN KEY ("memberId") REFERENCES "Member"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Token" ADD CONSTRAINT "Token_memberId_fkey" FOREIGN KEY ("memberId") REFERENCES "Member"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WebSession" ADD CONSTRAINT "WebSession_memberId_fkey" FOREIGN KEY ("memberId") REFERENCES "Member"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Cluster" ADD CONSTRAINT "Cluster_environmentName_fkey" FOREIGN KEY ("environmentName") REFERENCES "Environment"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Job" ADD CONSTRAINT "Job_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Job" ADD CONSTRAINT "Job_clusterId_fkey" FOREIGN KEY ("clusterId") REFERENCES "Cluster"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Release" ADD CONSTRAINT "Release_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Attempt" ADD CONSTRAINT "Attempt_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Attempt" ADD CONSTRAINT "Attempt_clusterId_fkey" FOREIGN KEY ("clusterId") REFERENCES "Cluster"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Operation" ADD CONSTRAINT "Operation_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Approval" ADD CONSTRAINT "Approval_operationId_fkey" FOREIGN KEY ("operationId") REFERENCES "Operation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Savepoint" ADD CONSTRAINT "Savepoint_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What the Prisma schema cannot say. scripts/make-migration.mjs --restart appends this file to 0001_start.

-- One live attempt per job, whatever the code believes.
CREATE UNIQUE INDEX "attempt_one_live_per_job" ON "Attempt" ("jobId") WHERE "state" <> 'over';
-- An equal operation that is still open is joined, not repeated.
CREATE UNIQUE INDEX "operation_one_open_per_merge_key" ON "Operation" ("jobId", "mergeKey")
  WHERE "state" IN ('waiting-approval', 'queued', 'running');
CREATE UNIQUE INDEX "incident_one_open_per_subject_and_kind" ON "Incident" ("subject", "kind") WHERE "closedAt" IS NULL;
CREATE UNIQUE INDEX "flink_version_one_default" ON "FlinkVersion" ("isDefault") WHERE "isDefault";
-- A removed cluster gives its name back.
CREATE UNIQUE INDEX "cluster_name" ON "Cluster" ("name") WHERE "removedAt" IS NULL;

-- What start-up, the worker and the pages look for: a handful among a hundred thousand that are over.
CREATE INDEX "operation_open" ON "Operation" ("jobId", "createdAt") WHERE "state" IN ('queued', 'running');
CREATE INDEX "operation_open_newest" ON "Operation" ("createdAt" DESC, "id" DESC)
  WHERE "state" IN ('waiting-approval', 'queued', 'running');
-- How long a verb usually takes on a job.
CREATE INDEX "operation_done" ON "Operation" ("jobId", "verb", "endedAt" DESC) WHERE "state" = 'done';
-- What watching reads at every interval.
CREATE INDEX "attempt_live_on_cluster" ON "Attempt" ("clusterId") WHERE "state" <> 'over';
CREATE INDEX "incident_open" ON "Incident" ("openedAt" DESC, "id" DESC) WHERE "closedAt" IS NULL;

ALTER TABLE "Account" ADD CONSTRAINT "account_vendor"
  CHECK ("vendor" IN ('web', 'feishu', 'dingtalk', 'wecom', 'slack', 'email'));
ALTER TABLE "Job" ADD CONSTRAINT "job_kind" CHECK ("kind" IN ('jar', 'sql'));
ALTER TABLE "Job" ADD CONSTRAINT "job_desired" CHECK ("desired" IN ('running', 'stopped'));
ALTER TABLE "Job" ADD CONSTRAINT "job_state" CHECK ("state" IN
  ('new', 'stopped', 'starting', 'running', 'recovering', 'stopping', 'failed', 'ended', 'lost'));
ALTER TABLE "Job" ADD CONSTRAINT "job_state_repeats_detail" CHECK ("detail" ->> 'is' = "state");
ALTER TABLE "Release" ADD CONSTRAINT "release_kind" CHECK ("kind" IN ('jar', 'sql'));
ALTER TABLE "Attempt" ADD CONSTRAINT "attempt_state" CHECK ("state" IN ('intended', 'submitting', 'live', 'over'));
-- Nothing is over without proof.
ALTER TABLE "Attempt" ADD CONSTRAINT "attempt_over_has_proof" CHECK (("state" = 'over') = ("proof" IS NOT NULL));
ALTER TABLE "Operation" ADD CONSTRAINT "operation_state" CHECK ("state" IN
  ('waiting-approval', 'queued', 'running', 'done', 'failed', 'refused', 'cancelled'));
ALTER TABLE "Operation" ADD CONSTRAINT "operation_verb" CHECK ("verb" IN
  ('start', 'stop', 'restart', 'rollback', 'savepoint', 'scale', 'cancel', 'adopt'));
ALTER TABLE "Savepoint" ADD CONSTRAINT "savepoint_origin" CHECK ("origin" IN
  ('savepoint', 'stop', 'checkpoint', 'adopted', 'typed'));
ALTER TABLE "Savepoint" ADD CONSTRAINT "savepoint_presence" CHECK ("presence" IN ('there', 'gone', 'unknown'));

-- History is not rewritten, by nobody and by no mistake. Class SL of SQLSTATE is ours.
CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on "%" is refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'SL001';
END;
$$;
CREATE TRIGGER "audit_entry_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "AuditEntry"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"('audit entries are only ever added');
CREATE TRIGGER "release_immutable" BEFORE UPDATE OR DELETE ON "Release"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"('a release never changes; make a new one');
