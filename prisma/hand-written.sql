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

-- What senders look for: a handful among everything that arrived.
CREATE INDEX "delivery_waiting" ON "Delivery" ("vendor", "rank", "createdAt", "id") WHERE "state" = 'waiting';
CREATE INDEX "delivery_sending" ON "Delivery" ("vendor") WHERE "state" = 'sending';
CREATE INDEX "delivery_not_arrived" ON "Delivery" ("deadlineAt") WHERE "shown" = 0 AND "deadlineAt" IS NOT NULL;
CREATE INDEX "inbox_event_open" ON "InboxEvent" ("until") WHERE "doneAt" IS NULL;
-- People are found by it; one person has one.
CREATE UNIQUE INDEX "member_staff_number" ON "Member" ("staffNumber");
CREATE INDEX "member_email" ON "Member" (lower("email"));
ALTER TABLE "Delivery" ADD CONSTRAINT "delivery_state" CHECK ("state" IN ('waiting', 'sending', 'done', 'dead'));
