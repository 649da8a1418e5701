import { TransportError } from '@sealwire/transport';

/** What both ends of a WebSocket bound. */
export interface LinkLimits {
  /** The largest message accepted, in bytes: 1 to 16,777,216. Default 65,536. */
  readonly maxPayload?: number;
  /** Milliseconds for the peer to confirm a close, or to close its half too. Default 2,000. */
  readonly closeTimeout?: number;
}

/** Frames of the protocol are small; 64 KiB is its documented limit. */
export const DEFAULT_MAX_PAYLOAD = 65_536;
const LARGEST_MAX_PAYLOAD = 16 * 1024 * 1024;
export const DEFAULT_CLOSE_TIMEOUT = 2_000;
const LONGEST_TIMEOUT = 2 ** 31 - 1;

export const limitNames: Record<keyof LinkLimits, true> = { maxPayload: true, closeTimeout: true };

/** @throws TransportError `E_OPTION` for what is no object, and for a name that is not among the known ones */
export function checkNames(what: string, given: object, known: { readonly [name: string]: unknown }): void {
  if (typeof given !== 'object' || given === null) {
    throw new TransportError('E_OPTION', `${what} must be an object`);
  }
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) {
    throw new TransportError(
      'E_OPTION',
      `${what} have no ${unknown}: take it out, or look for its right name`,
    );
  }
}

export function checkLimits(limits: LinkLimits): Required<LinkLimits> {
  return {
    maxPayload: integerOption('maxPayload', limits.maxPayload ?? DEFAULT_MAX_PAYLOAD, 1, LARGEST_MAX_PAYLOAD),
    closeTimeout: timeoutOption('closeTimeout', limits.closeTimeout ?? DEFAULT_CLOSE_TIMEOUT),
  };
}

export function timeoutOption(name: string, value: number): number {
  return integerOption(name, value, 1, LONGEST_TIMEOUT);
}

export function integerOption(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new TransportError('E_OPTION', `${name} is ${shown(value)}: give an integer from ${min} to ${max}`);
  }
  return value;
}

/** For messages: neither a symbol nor an object without a prototype can be made part of a text. */
export function shown(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : `of type ${typeof value}`;
}
