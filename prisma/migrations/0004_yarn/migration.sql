-- AlterTable
ALTER TABLE "Cluster" ADD COLUMN     "yarn" JSONB;
