import { existsSync } from 'node:fs';
import { stopPrograms } from '@sealwire/test-support';
import { afterEach, describe, expect, it } from 'vitest';
import { violationText } from '../src/run/report.js';
import { run } from '../src/run/run.js';

afterEach(stopPrograms);

describe('a small run', () => {
  it('kills servers and clients and loses, doubles and reorders nothing [P1, P2, P3, P4, P5, P6, P7, P8, P9, P12, N1, D1]', {
    timeout: 300_000,
  }, async () => {
    const lines: string[] = [];
    const options = { seed: 4, server: 5, client: 3, clients: 3, keep: 100, keepFolder: false };
    const { violations, stage, serverDeaths, clientDeaths } = await run(options, (line) => lines.push(line));
    const texts = violations.map((violation) => violationText(violation, stage.folder));
    const handled = stage.clientIds.map(
      (id) => stage.clientRecords(id).filter(({ kind }) => kind === 'outcome').length,
    );
    await stage.close({ keep: violations.length > 0 });
    expect(texts).toEqual([]);
    expect(lines).toEqual([]);
    expect(Math.min(...handled)).toBeGreaterThan(0);
    expect([serverDeaths.total, clientDeaths.total]).toEqual([5, 3]);
    expect(existsSync(stage.folder)).toBe(false);
  });
});
