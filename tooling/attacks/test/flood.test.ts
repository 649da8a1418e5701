import { flood } from '@sealwire/attacks';
import { describe, expect, test } from 'vitest';

describe('a flood of garbage hellos from another process', () => {
  test('delays no heartbeat of a live session by a second, and lets honest clients in [S22, M2]', async () => {
    const report = await flood({ seconds: 5, addresses: 16, witnesses: 10 });
    const { garbage, server, beats, latestBeat, latestTimer, lost, logins, turnedAway } = report;
    // How many there are is the machine's affair.
    expect(garbage.hellos).toBeGreaterThan(200);
    expect(lost).toBe(0);
    expect(beats).toBeGreaterThanOrEqual(10);
    expect(latestBeat).toBeLessThan(1_000 + latestTimer);
    expect(server.loopDelay.max).toBeLessThan(1_000 + latestTimer);
    expect(logins.length).toBeGreaterThan(0);
    expect(turnedAway).toBe(0);
  }, 120_000);
});
