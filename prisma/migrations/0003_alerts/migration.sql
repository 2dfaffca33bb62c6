-- An incident was one thing wrong with one job; now it is a generation of a group of alerts. Nothing was released with
-- the former, and what still is wrong is told anew.
DELETE FROM "Incident";
DROP INDEX "incident_one_open_per_subject_and_kind";

-- DropIndex
DROP INDEX "Incident_subject_kind_idx";

-- AlterTable
ALTER TABLE "Team" ADD COLUMN     "digestAt" TEXT;

-- AlterTable
ALTER TABLE "Job" ADD COLUMN     "importance" TEXT NOT NULL DEFAULT 'normal';

-- AlterTable
ALTER TABLE "Incident" DROP COLUMN "ackedBy",
DROP COLUMN "closedAs",
DROP COLUMN "facts",
ADD COLUMN     "dueAt" TIMESTAMPTZ(3),
ADD COLUMN     "environment" TEXT,
ADD COLUMN     "gist" JSONB NOT NULL,
ADD COLUMN     "life" JSONB NOT NULL,
ADD COLUMN     "state" TEXT NOT NULL,
ADD COLUMN     "teamId" TEXT,
ADD COLUMN     "tier" TEXT NOT NULL;

-- CreateTable
CREATE TABLE "Alert" (
    "fingerprint" TEXT NOT NULL,
    "labels" JSONB NOT NULL,
    "annotations" JSONB NOT NULL,
    "facts" JSONB NOT NULL,
    "kind" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "tier" TEXT NOT NULL,
    "jobId" TEXT,
    "clusterId" TEXT,
    "teamId" TEXT,
    "environment" TEXT,
    "startsAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3),
    "state" TEXT NOT NULL,
    "endedAs" TEXT,
    "endedAt" TIMESTAMPTZ(3),
    "generatorUrl" TEXT NOT NULL DEFAULT '',
    "turns" TIMESTAMPTZ(3)[] DEFAULT ARRAY[]::TIMESTAMPTZ(3)[],
    "flapping" BOOLEAN NOT NULL DEFAULT false,
    "inhibits" BOOLEAN NOT NULL DEFAULT false,
    "routed" INTEGER NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Alert_pkey" PRIMARY KEY ("fingerprint")
);

-- CreateTable
CREATE TABLE "AlertGroup" (
    "id" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "receiver" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "labels" JSONB NOT NULL,
    "dueAt" TIMESTAMPTZ(3),
    "beatAt" TIMESTAMPTZ(3),
    "flushedAt" TIMESTAMPTZ(3),
    "lookedAt" TIMESTAMPTZ(3),
    "told" JSONB NOT NULL,
    "tellings" INTEGER NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AlertGroup_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AlertGroupMember" (
    "groupId" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,

    CONSTRAINT "AlertGroupMember_pkey" PRIMARY KEY ("groupId","fingerprint")
);

-- CreateTable
CREATE TABLE "IncidentEvent" (
    "id" BIGSERIAL NOT NULL,
    "incidentId" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "memberId" TEXT,
    "detail" JSONB NOT NULL,

    CONSTRAINT "IncidentEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Notice" (
    "id" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "because" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Notice_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Silence" (
    "id" TEXT NOT NULL,
    "matchers" JSONB NOT NULL,
    "startsAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3) NOT NULL,
    "comment" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "memberId" TEXT,
    "origin" TEXT NOT NULL,
    "chatId" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "begunAt" TIMESTAMPTZ(3),
    "warnedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),
    "dueAt" TIMESTAMPTZ(3),

    CONSTRAINT "Silence_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "MaintenanceWindow" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "teamId" TEXT,
    "matchers" JSONB NOT NULL,
    "times" JSONB NOT NULL,
    "zone" TEXT NOT NULL,
    "comment" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3),

    CONSTRAINT "MaintenanceWindow_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AlertRouting" (
    "revision" SERIAL NOT NULL,
    "text" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "savedBy" TEXT NOT NULL,
    "savedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AlertRouting_pkey" PRIMARY KEY ("revision")
);

-- CreateTable
CREATE TABLE "AlertSource" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "tokenHash" TEXT NOT NULL,
    "labels" JSONB NOT NULL,
    "teamId" TEXT,
    "heartbeatMs" INTEGER,
    "perSecond" INTEGER NOT NULL DEFAULT 2000,
    "heardAt" TIMESTAMPTZ(3),
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "AlertSource_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ChatStorm" (
    "chatId" TEXT NOT NULL,
    "recent" TIMESTAMPTZ(3)[] DEFAULT ARRAY[]::TIMESTAMPTZ(3)[],
    "since" TIMESTAMPTZ(3),
    "storm" INTEGER NOT NULL DEFAULT 0,
    "version" INTEGER NOT NULL DEFAULT 1,
    "folded" JSONB NOT NULL,
    "services" TEXT[] DEFAULT ARRAY[]::TEXT[],

    CONSTRAINT "ChatStorm_pkey" PRIMARY KEY ("chatId")
);

-- CreateTable
CREATE TABLE "AlertRule" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "scope" JSONB NOT NULL,
    "body" JSONB NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "updatedBy" TEXT NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AlertRule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "JobSample" (
    "jobId" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "values" JSONB NOT NULL,

    CONSTRAINT "JobSample_pkey" PRIMARY KEY ("jobId","at")
);

-- CreateTable
CREATE TABLE "OnCallSchedule" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "zone" TEXT NOT NULL,
    "layers" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "updatedBy" TEXT NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "OnCallSchedule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "OnCallOverride" (
    "id" TEXT NOT NULL,
    "scheduleId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "from" TIMESTAMPTZ(3) NOT NULL,
    "to" TIMESTAMPTZ(3) NOT NULL,
    "member" TEXT NOT NULL,
    "instead" TEXT,
    "swapId" TEXT,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "OnCallOverride_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "OnCallSwap" (
    "id" TEXT NOT NULL,
    "scheduleId" TEXT NOT NULL,
    "terms" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "askedBy" TEXT NOT NULL,
    "asked" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "decidedAt" TIMESTAMPTZ(3),

    CONSTRAINT "OnCallSwap_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TimeOff" (
    "id" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "from" TIMESTAMPTZ(3) NOT NULL,
    "to" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "TimeOff_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "EscalationChain" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "body" JSONB NOT NULL,
    "turns" INTEGER NOT NULL DEFAULT 0,
    "updatedBy" TEXT NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "EscalationChain_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "PersonalRule" (
    "memberId" TEXT NOT NULL,
    "body" JSONB NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "PersonalRule_pkey" PRIMARY KEY ("memberId")
);

-- CreateTable
CREATE TABLE "Digest" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "date" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "facts" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Digest_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Told" (
    "key" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Told_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "Alert_jobId_idx" ON "Alert"("jobId");

-- CreateIndex
CREATE UNIQUE INDEX "AlertGroup_key_receiver_key" ON "AlertGroup"("key", "receiver");

-- CreateIndex
CREATE INDEX "AlertGroupMember_fingerprint_idx" ON "AlertGroupMember"("fingerprint");

-- CreateIndex
CREATE INDEX "IncidentEvent_incidentId_id_idx" ON "IncidentEvent"("incidentId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Notice_subject_reason_target_key" ON "Notice"("subject", "reason", "target");

-- CreateIndex
CREATE INDEX "Silence_endsAt_idx" ON "Silence"("endsAt");

-- CreateIndex
CREATE UNIQUE INDEX "MaintenanceWindow_name_key" ON "MaintenanceWindow"("name");

-- CreateIndex
CREATE UNIQUE INDEX "AlertSource_name_key" ON "AlertSource"("name");

-- CreateIndex
CREATE UNIQUE INDEX "AlertSource_tokenHash_key" ON "AlertSource"("tokenHash");

-- CreateIndex
CREATE INDEX "AlertRule_name_idx" ON "AlertRule"("name");

-- CreateIndex
CREATE INDEX "JobSample_at_idx" ON "JobSample"("at");

-- CreateIndex
CREATE UNIQUE INDEX "OnCallSchedule_name_key" ON "OnCallSchedule"("name");

-- CreateIndex
CREATE INDEX "OnCallSchedule_teamId_idx" ON "OnCallSchedule"("teamId");

-- CreateIndex
CREATE INDEX "OnCallOverride_scheduleId_to_idx" ON "OnCallOverride"("scheduleId", "to");

-- CreateIndex
CREATE INDEX "TimeOff_memberId_to_idx" ON "TimeOff"("memberId", "to");

-- CreateIndex
CREATE UNIQUE INDEX "EscalationChain_name_key" ON "EscalationChain"("name");

-- CreateIndex
CREATE INDEX "EscalationChain_teamId_idx" ON "EscalationChain"("teamId");

-- CreateIndex
CREATE INDEX "Digest_teamId_date_idx" ON "Digest"("teamId", "date");

-- CreateIndex
CREATE INDEX "Incident_teamId_openedAt_idx" ON "Incident"("teamId", "openedAt");

-- CreateIndex
CREATE INDEX "Incident_subject_idx" ON "Incident"("subject");

-- AddForeignKey
ALTER TABLE "AlertGroupMember" ADD CONSTRAINT "AlertGroupMember_groupId_fkey" FOREIGN KEY ("groupId") REFERENCES "AlertGroup"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AlertGroupMember" ADD CONSTRAINT "AlertGroupMember_fingerprint_fkey" FOREIGN KEY ("fingerprint") REFERENCES "Alert"("fingerprint") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "IncidentEvent" ADD CONSTRAINT "IncidentEvent_incidentId_fkey" FOREIGN KEY ("incidentId") REFERENCES "Incident"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "OnCallOverride" ADD CONSTRAINT "OnCallOverride_scheduleId_fkey" FOREIGN KEY ("scheduleId") REFERENCES "OnCallSchedule"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE UNIQUE INDEX "incident_one_open_per_subject" ON "Incident" ("subject") WHERE "closedAt" IS NULL;
-- What each process looks for at every moment: a handful among everything that waits for nothing.
CREATE INDEX "alert_group_due" ON "AlertGroup" ("dueAt") WHERE "dueAt" IS NOT NULL;
CREATE INDEX "incident_due" ON "Incident" ("dueAt") WHERE "dueAt" IS NOT NULL;
CREATE INDEX "silence_due" ON "Silence" ("dueAt") WHERE "dueAt" IS NOT NULL;
CREATE INDEX "alert_expires" ON "Alert" ("expiresAt") WHERE "state" = 'firing' AND "expiresAt" IS NOT NULL;
CREATE INDEX "alert_inhibits" ON "Alert" ("fingerprint") WHERE "state" = 'firing' AND "inhibits";
CREATE INDEX "alert_ended" ON "Alert" ("endedAt") WHERE "state" <> 'firing';
-- One summary of a day, however often it is tried.
CREATE UNIQUE INDEX "digest_one_a_day" ON "Digest" ("teamId", "date") WHERE "kind" = 'daily';
ALTER TABLE "Alert" ADD CONSTRAINT "alert_state" CHECK ("state" IN ('firing', 'resolved', 'expired'));
ALTER TABLE "Alert" ADD CONSTRAINT "alert_tier" CHECK ("tier" IN ('P0', 'P1', 'P2', 'P3'));
ALTER TABLE "Alert" ADD CONSTRAINT "alert_end" CHECK (("state" = 'firing') = ("endedAt" IS NULL));
ALTER TABLE "Incident" ADD CONSTRAINT "incident_state" CHECK ("state" IN ('triggered', 'acknowledged', 'resolved'));
ALTER TABLE "Incident" ADD CONSTRAINT "incident_end" CHECK (("state" = 'resolved') = ("closedAt" IS NOT NULL));
ALTER TABLE "Notice" ADD CONSTRAINT "notice_state" CHECK ("state" IN ('waiting', 'told', 'dropped', 'dead'));
ALTER TABLE "Silence" ADD CONSTRAINT "silence_ends" CHECK ("endsAt" >= "startsAt");
ALTER TABLE "Job" ADD CONSTRAINT "job_importance" CHECK ("importance" IN ('critical', 'normal', 'minor'));
