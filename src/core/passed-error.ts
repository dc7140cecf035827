import { systemErrorCode, toError } from './errors.ts';

/** A system error on its way from one thread to another: of one that is posted itself the code is lost. */
export interface PassedError {
  readonly code: string | undefined;
  readonly message: string;
}

export function passError(error: unknown): PassedError {
  return { code: systemErrorCode(error), message: toError(error).message };
}

/** The error again, at the other side. */
export function receiveError({ code, message }: PassedError): Error {
  return Object.assign(new Error(message), { code });
}
