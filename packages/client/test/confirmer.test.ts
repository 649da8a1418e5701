import { crypto } from '@sealwire/crypto';
import { memoryClientState } from '@sealwire/store';
import { systemScheduler } from '@sealwire/transport';
import { describe, expect, test } from 'vitest';
import { Calls } from '../src/calls.js';
import { Confirmer } from '../src/confirmer.js';
import { clientDefaults } from '../src/options.js';
import { Outbox } from '../src/outbox.js';
import type { AttemptEnd } from '../src/reconnect.js';

const json = Uint8Array.of(0x31);
const refusal: AttemptEnd = {
  phase: 'live',
  closeCode: 4002,
  ownClose: false,
  serverText: 'no such pair',
  trusted: true,
  hardened: false,
  liveFor: 1,
};

/** A believed session in which three messages left. */
async function handedOver(checkpoint = false) {
  const state = memoryClientState();
  const fails = (error: Error): void => {
    throw error;
  };
  const outbox = new Outbox(await state.load(), state, clientDefaults.outbox, () => {}, fails);
  const calls = new Calls(clientDefaults.calls, 'refuse', systemScheduler, crypto.randomBytes, () => {});
  const confirmer = new Confirmer(checkpoint, outbox, calls, systemScheduler, {
    redial: () => {},
    stop: fails,
  });
  const welcomed = (lastSeenSequence: bigint, trusted = true): void => {
    outbox.welcome(lastSeenSequence, trusted);
    confirmer.welcomed(lastSeenSequence, trusted, false);
    confirmer.live();
  };
  const sends = [0n, 1n, 2n].map(() => outbox.add(json));
  welcomed(-1n);
  for (const index of [0n, 1n, 2n]) outbox.handedOver(index);
  const outcomes = (await Promise.all(sends)).map(({ outcome }) => outcome);
  return { outbox, calls, confirmer, welcomed, outcomes };
}

/** Three messages left in a first session; in a second one only the first of them, and then an ERROR came. */
async function refusedInSecondSession(trusted = true) {
  const { outbox, confirmer, welcomed, outcomes } = await handedOver();
  welcomed(-1n, trusted);
  outbox.handedOver(0n);
  confirmer.lost(refusal);
  return { welcomed, outcomes };
}

describe('without Checkpoint, after an ERROR', () => {
  test('the last message that its session got through is the refused one', async () => {
    const { welcomed, outcomes } = await refusedInSecondSession();
    welcomed(0n);
    expect(await outcomes[0]).toEqual({ kind: 'refused', reason: 'no such pair', code: 4002 });
  });

  test('a SEQUENCE that its session never sent was moved by somebody else: nothing is called refused [M4]', async () => {
    const { welcomed, outcomes } = await refusedInSecondSession();
    welcomed(2n);
    expect(await Promise.all(outcomes)).toEqual(Array(3).fill({ kind: 'consumed' }));
  });

  test('a session that got nothing through blames nothing of a later one', async () => {
    const { welcomed, outcomes } = await refusedInSecondSession();
    welcomed(-1n);
    welcomed(0n);
    expect(await outcomes[0]).toEqual({ kind: 'consumed' });
  });

  test('nor does one that could not be believed', async () => {
    const { welcomed, outcomes } = await refusedInSecondSession(false);
    welcomed(0n);
    expect(await outcomes[0]).toEqual({ kind: 'consumed' });
  });

  test('nor does one whose next welcome could not be believed', async () => {
    const { welcomed, outcomes } = await refusedInSecondSession();
    welcomed(-1n, false);
    welcomed(0n);
    expect(await outcomes[0]).toEqual({ kind: 'consumed' });
  });
});

test('a Checkpoint that was not sent is not asked of the next session, which may not be believed', async () => {
  const { calls, confirmer, welcomed } = await handedOver(true);
  calls.connected();
  confirmer.probe();
  expect(calls.waiting).toBe(true);
  calls.disconnected(false);
  confirmer.lost({ ...refusal, closeCode: 1000 });
  welcomed(2n, false);
  expect(calls.take(0n, 0n)).toBeUndefined();
});
