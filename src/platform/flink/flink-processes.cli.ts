import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

export type FlinkRole = 'jobmanager' | 'taskmanager'

export interface FlinkProcess {
  readonly pid: number
  readonly role: FlinkRole
  /** When it began, in the system's own words: the same pid with another beginning is another process. */
  readonly began: string
}

interface Listed {
  readonly pid: number
  readonly began: string
  readonly command: readonly string[]
}

const ROLES: readonly (readonly [string, FlinkRole])[] = [
  ['org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint', 'jobmanager'],
  ['org.apache.flink.runtime.taskexecutor.TaskManagerRunner', 'taskmanager'],
]

/**
 * The Flink processes that were started with this conf dir, whoever wrote which pid where. A conf dir belongs to one
 * cluster, so this finds ours after any crash and never finds a stranger's.
 */
export async function flinkProcesses(confDir: string): Promise<FlinkProcess[]> {
  const listed = process.platform === 'linux' ? await listProc() : await listPs()
  return listed.flatMap((one) => asFlink(one, confDir)).sort((a, b) => a.pid - b.pid)
}

function asFlink({ pid, began, command }: Listed, confDir: string): FlinkProcess[] {
  const at = command.indexOf('--configDir')
  if (at < 0 || command[at + 1] !== confDir) return []
  const role = ROLES.find(([main]) => command.includes(main))?.[1]
  return role ? [{ pid, role, began }] : []
}

/** Signals the process if it is still the same one; false when it is gone. */
export async function signalFlink(
  one: FlinkProcess,
  confDir: string,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<boolean> {
  const now = await flinkProcesses(confDir)
  if (!now.some(({ pid, began }) => pid === one.pid && began === one.began)) return false
  try {
    return process.kill(one.pid, signal)
  } catch {
    return false
  }
}

async function listProc(): Promise<Listed[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const listed = await Promise.all(pids.map(readProc))
  return listed.filter((one) => one !== null)
}

async function readProc(pid: number): Promise<Listed | null> {
  const [commandLine, stat] = await Promise.all(
    ['cmdline', 'stat'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
  )
  const began = beginningIn(stat ?? '')
  return commandLine && began ? { pid, began, command: commandLine.split('\0') } : null
}

// The process's name stands in parentheses and may contain anything; the 22nd field is the time it began.
function beginningIn(stat: string): string | null {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

async function listPs(): Promise<Listed[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,lstart=,command='], {
    env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' },
    maxBuffer: 64 * 1024 * 1024,
  })
  return stdout.split('\n').flatMap(readPsLine)
}

function readPsLine(line: string): Listed[] {
  const match = /^\s*(\d+)\s+(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\s+(.*)$/.exec(line)
  const [, pid, began, command] = match ?? []
  return pid && began && command ? [{ pid: Number(pid), began, command: command.split(' ') }] : []
}
