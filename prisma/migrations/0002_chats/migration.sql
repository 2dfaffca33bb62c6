-- AlterTable
ALTER TABLE "Member" ADD COLUMN     "staffNumber" TEXT;

-- AlterTable
ALTER TABLE "Account" ADD COLUMN     "leftAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "Chat" ADD COLUMN     "direct" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "environments" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "leftAt" TIMESTAMPTZ(3),
ADD COLUMN     "openly" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "readOnly" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "Delivery" (
    "id" TEXT NOT NULL,
    "vendor" TEXT NOT NULL,
    "receiver" TEXT NOT NULL,
    "chatId" TEXT NOT NULL,
    "cardId" TEXT NOT NULL,
    "memberId" TEXT,
    "rank" INTEGER NOT NULL,
    "urgent" BOOLEAN NOT NULL DEFAULT false,
    "mention" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "ring" JSONB,
    "instead" TEXT,
    "wanted" INTEGER NOT NULL,
    "shown" INTEGER NOT NULL DEFAULT 0,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "message" INTEGER NOT NULL DEFAULT 1,
    "handle" JSONB,
    "after" JSONB,
    "uncertain" BOOLEAN NOT NULL DEFAULT false,
    "postedAs" INTEGER NOT NULL DEFAULT 0,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "dueAt" TIMESTAMPTZ(3) NOT NULL,
    "deadlineAt" TIMESTAMPTZ(3),
    "insteadOf" TEXT,
    "fence" BIGINT NOT NULL DEFAULT 0,
    "error" JSONB,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "calledAt" TIMESTAMPTZ(3),
    "postedAt" TIMESTAMPTZ(3),
    "shownAt" TIMESTAMPTZ(3),

    CONSTRAINT "Delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "InboxEvent" (
    "id" TEXT NOT NULL,
    "vendor" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "content" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "receivedAt" TIMESTAMPTZ(3) NOT NULL,
    "workedBy" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 1,
    "answer" JSONB,
    "doneAt" TIMESTAMPTZ(3),

    CONSTRAINT "InboxEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "KeptPress" (
    "id" TEXT NOT NULL,
    "press" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "KeptPress_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ChatSetup" (
    "vendor" TEXT NOT NULL,
    "fields" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "updatedBy" TEXT NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ChatSetup_pkey" PRIMARY KEY ("vendor")
);

-- CreateIndex
CREATE INDEX "Delivery_vendor_calledAt_idx" ON "Delivery"("vendor", "calledAt");

-- CreateIndex
CREATE INDEX "Delivery_state_createdAt_idx" ON "Delivery"("state", "createdAt");

-- CreateIndex
CREATE UNIQUE INDEX "Delivery_cardId_vendor_receiver_key" ON "Delivery"("cardId", "vendor", "receiver");

-- CreateIndex
CREATE INDEX "InboxEvent_doneAt_until_idx" ON "InboxEvent"("doneAt", "until");

-- What senders look for: a handful among everything that arrived.
CREATE INDEX "delivery_waiting" ON "Delivery" ("vendor", "rank", "createdAt", "id") WHERE "state" = 'waiting';
CREATE INDEX "delivery_sending" ON "Delivery" ("vendor") WHERE "state" = 'sending';
CREATE INDEX "delivery_not_arrived" ON "Delivery" ("deadlineAt") WHERE "shown" = 0 AND "deadlineAt" IS NOT NULL;
CREATE INDEX "inbox_event_open" ON "InboxEvent" ("until") WHERE "doneAt" IS NULL;
-- People are found by it; one person has one.
CREATE UNIQUE INDEX "member_staff_number" ON "Member" ("staffNumber");
CREATE INDEX "member_email" ON "Member" (lower("email"));
ALTER TABLE "Delivery" ADD CONSTRAINT "delivery_state" CHECK ("state" IN ('waiting', 'sending', 'done', 'dead'));
