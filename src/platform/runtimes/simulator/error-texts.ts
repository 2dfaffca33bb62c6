/** Flink's own words, as real clusters wrote them. What differs between versions is a parameter. */

export function couldNotExecute(...causes: readonly string[]): string {
  return chain(
    'org.apache.flink.runtime.rest.handler.RestHandlerException: Could not execute application.\n\tat org.apache.flink.runtime.webmonitor.handlers.JarRunHandler.lambda$handleRequest$1(JarRunHandler.java:114)',
    'java.util.concurrent.CompletionException: org.apache.flink.util.FlinkRuntimeException: Could not execute application.\n\tat java.base/java.util.concurrent.CompletableFuture.encodeThrowable(CompletableFuture.java:315)',
    'org.apache.flink.util.FlinkRuntimeException: Could not execute application.\n\tat org.apache.flink.client.deployment.application.DetachedApplicationRunner.tryExecuteJobs(DetachedApplicationRunner.java:88)',
    ...causes,
  )
}

/** The body of a 500: two entries, the second with the server's stack. */
export function internal(stack: string): string[] {
  return [
    'Internal server error.',
    `<Exception on server side:\n${stack}\n\nEnd of exception on server side>`,
  ]
}

export function mainThrew(stack: string): string[] {
  const message = stack.split('\n')[0]?.replace(/^\S+: /, '') ?? ''
  return [
    `org.apache.flink.client.program.ProgramInvocationException: The main method caused an error: ${message}\n\tat org.apache.flink.client.program.PackagedProgram.callMainMethod(PackagedProgram.java:372)`,
    stack,
  ]
}

/** The name of the class changed with 2.3. */
export function duplicate(major: number): string {
  const what = major >= 2 ? 'Application' : 'Job'
  return `org.apache.flink.runtime.client.Duplicate${what}SubmissionException: ${what} has already been submitted.\n\tat org.apache.flink.runtime.dispatcher.Dispatcher.submitJob(Dispatcher.java:558)`
}

export function entryClassMissing(name: string): string {
  return `org.apache.flink.client.program.ProgramInvocationException: The program's entry point class '${name}' was not found in the jar file.\n\tat org.apache.flink.client.program.PackagedProgram.loadMainClass(PackagedProgram.java:480)\nCaused by: java.lang.ClassNotFoundException: ${name}\n\tat java.base/java.net.URLClassLoader.findClass(URLClassLoader.java:445)`
}

export function noMainClass(): string {
  return "org.apache.flink.client.program.ProgramInvocationException: Neither a 'Main-Class', nor a 'program-class' entry was found in the jar file.\n\tat org.apache.flink.client.program.PackagedProgram.getEntryPointClassNameFromJar(PackagedProgram.java:437)"
}

export function jarMissing(id: string): string {
  return `org.apache.flink.runtime.rest.handler.RestHandlerException: Jar file /flink-web-upload/${id} does not exist\n\tat org.apache.flink.runtime.webmonitor.handlers.utils.JarHandlerUtils$JarHandlerContext.toPackagedProgram(JarHandlerUtils.java:174)`
}

export function notAZip(): string {
  return 'org.apache.flink.client.program.ProgramInvocationException: Error while opening jar file\n\tat org.apache.flink.client.program.PackagedProgram.getEntryPointClassNameFromJar(PackagedProgram.java:419)\nCaused by: java.util.zip.ZipException: zip END header not found\n\tat java.base/java.util.zip.ZipFile$Source.findEND(ZipFile.java:1469)'
}

/** The SQL runner's own words, said before Flink sees the script. */
export function noInsert(): string {
  return 'java.lang.IllegalArgumentException: the script starts no job: it has no INSERT INTO\n\tat sluice.SqlRunner.main(SqlRunner.java:60)'
}

export function notAQuery(statement: number): string {
  return `java.lang.RuntimeException: statement ${statement}: SQL parse failed. Non-query expression encountered in illegal context\n\tat sluice.SqlRunner.main(SqlRunner.java:80)`
}

export function executedTwice(major: number): string {
  const text =
    major >= 2
      ? 'Cannot have more than 1 streaming jobs in a single environment.'
      : 'Cannot have more than one execute() or executeAsync() call in a single environment.'
  return `org.apache.flink.util.FlinkRuntimeException: ${text}\n\tat org.apache.flink.client.program.StreamContextEnvironment.validateAllowedExecution(StreamContextEnvironment.java:199)`
}

export function savepointMissing(path: string): string {
  return `org.apache.flink.runtime.client.JobInitializationException: Could not start the JobMaster.\n\tat org.apache.flink.runtime.jobmaster.DefaultJobMasterServiceProcess.lambda$new$0(DefaultJobMasterServiceProcess.java:97)\nCaused by: java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory '${path}' on file system 'file'.\n\tat org.apache.flink.runtime.state.filesystem.AbstractFsCheckpointStorageAccess.resolveCheckpointPointer(AbstractFsCheckpointStorageAccess.java:275)`
}

export function stateUnmappable(path: string): string {
  return `org.apache.flink.runtime.client.JobInitializationException: Could not start the JobMaster.\n\tat org.apache.flink.runtime.jobmaster.DefaultJobMasterServiceProcess.lambda$new$0(DefaultJobMasterServiceProcess.java:97)\nCaused by: java.lang.IllegalStateException: Failed to rollback to checkpoint/savepoint ${path}. Cannot map checkpoint/savepoint state for operator 91ce2ab8e2a9c0d6b1f0a2ef1f2b1a77 to the new program, because the operator is not available in the new program. If you want to allow to skip this, you can set the --allowNonRestoredState option on the CLI.\n\tat org.apache.flink.runtime.checkpoint.Checkpoints.throwNonRestoredStateException(Checkpoints.java:233)`
}

export function jobNotFound(id: string): string {
  return `org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (${id})\n\tat org.apache.flink.runtime.dispatcher.Dispatcher.getJobMasterGateway(Dispatcher.java:1104)`
}

export function noSavepointDirectory(): string {
  return "java.lang.IllegalStateException: No savepoint directory configured. You can either specify a directory while cancelling via -s :targetDirectory or configure a cluster-wide default via key 'execution.checkpointing.savepoint-dir'.\n\tat org.apache.flink.runtime.scheduler.SchedulerBase.stopWithSavepoint(SchedulerBase.java:990)"
}

export function notAllTasksRunning(): string {
  return 'org.apache.flink.runtime.checkpoint.CheckpointException: Not all required tasks are currently running.\n\tat org.apache.flink.runtime.checkpoint.DefaultCheckpointPlanCalculator.checkTasksStarted(DefaultCheckpointPlanCalculator.java:114)'
}

export function savepointUnwritable(): string {
  return 'org.apache.flink.runtime.checkpoint.CheckpointException: Could not complete snapshot. Failure reason: Trigger checkpoint failure: IO-problem detected.\n\tat org.apache.flink.runtime.checkpoint.CheckpointCoordinator.onTriggerFailure(CheckpointCoordinator.java:1007)'
}

export function taskFailure(message: string): string {
  return `java.lang.IllegalStateException: ${message}\n\tat sluice.examples.CounterJob$Breakage.maybe(CounterJob.java:148)\n\tat sluice.examples.CounterJob$Count.processElement(CounterJob.java:176)\n\tat org.apache.flink.streaming.api.operators.KeyedProcessOperator.processElement(KeyedProcessOperator.java:83)`
}

export function suppressed(cause: string): string {
  return chain(
    'org.apache.flink.runtime.JobException: Recovery is suppressed by NoRestartBackoffTimeStrategy\n\tat org.apache.flink.runtime.executiongraph.failover.ExecutionFailureHandler.handleFailure(ExecutionFailureHandler.java:219)',
    cause,
  )
}

export function noResources(): string {
  return 'org.apache.flink.runtime.jobmanager.scheduler.NoResourceAvailableException: Could not acquire the minimum required resources.\n\tat org.apache.flink.runtime.jobmaster.slotpool.DeclarativeSlotPoolBridge.notifyNotEnoughResourcesAvailable(DeclarativeSlotPoolBridge.java:495)'
}

export function taskManagerLost(id: string): string {
  return `org.apache.flink.runtime.jobmaster.JobMasterException: TaskManager with id ${id} is no longer reachable.\n\tat org.apache.flink.runtime.jobmaster.JobMaster$TaskManagerHeartbeatListener.notifyTargetUnreachable(JobMaster.java:1516)`
}

export const LEADER_ELECTION =
  'Service temporarily unavailable due to an ongoing leader election. Please refresh.'

function chain(...stacks: readonly string[]): string {
  return stacks.join('\nCaused by: ')
}
