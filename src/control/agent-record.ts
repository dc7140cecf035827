import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CompartidosError, systemErrorCode } from '../core/errors.ts';

const recordSchema = z.object({
  pid: z.int().min(1),
  socket: z.string().min(1),
  port: z.int(),
  /** The config file that it was started with, absolute; it may be missing. */
  config: z.string().min(1),
  started: z.string(),
});

/** Where the agent of a state folder can be reached: `agent.json`, there while it runs. */
export type AgentRecord = z.infer<typeof recordSchema>;

function agentRecordPath(stateFolder: string): string {
  return join(stateFolder, 'agent.json');
}

export async function writeAgentRecord(stateFolder: string, record: AgentRecord): Promise<void> {
  const path = agentRecordPath(stateFolder);
  const temporary = `${path}.${record.pid}.tmp`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(record)}\n`);
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

/**
 * Undefined when there is none, or none that makes sense.
 * @throws STATE_UNWRITABLE when it cannot be known, as in the folder of another user
 */
export async function readAgentRecord(stateFolder: string): Promise<AgentRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(agentRecordPath(stateFolder), 'utf8')));
  } catch (error) {
    const reason = systemErrorCode(error);
    if (reason === undefined || reason === 'ENOENT') return undefined;
    throw new CompartidosError('STATE_UNWRITABLE', { folder: stateFolder, reason }, { cause: error });
  }
}

export async function removeAgentRecord(stateFolder: string): Promise<void> {
  await rm(agentRecordPath(stateFolder), { force: true });
}
