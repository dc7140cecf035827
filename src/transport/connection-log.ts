import type { Logger } from '../core/logger.ts';
import { shortDeviceId } from '../model/device-id.ts';
import type { Connection } from './connection.ts';

/** Logs why a connection is over, as loudly as the reason deserves. `cause`: an error of ours. */
export function logEnd(logger: Logger, { secure }: Connection, reason: string, cause?: unknown): void {
  const fields = { device: shortDeviceId(secure.device), address: secure.address, reason };
  if (cause !== undefined) {
    logger.error('connection.failed', {
      ...fields,
      error: cause instanceof Error ? cause.stack : 'unknown',
    });
  } else if (reason.includes('protocol-error')) {
    logger.warn('connection.invalid', fields);
  } else {
    logger.debug('connection.closed', fields);
  }
}
