import type { Random } from '@sealwire/testing';
import { clientSteps } from '../programs/client-config.js';
import type { DieAt } from '../programs/fate.js';
import { serverSteps } from '../programs/server-config.js';

/** How a process comes to its end. */
export type Death =
  /** So many milliseconds after it worked. */
  | { readonly kind: 'random'; readonly after: number }
  /** So many milliseconds after a server listened, or a client was started: before it has done much. */
  | { readonly kind: 'early'; readonly after: number }
  /** By its own hand, exactly at a step of its work. */
  | { readonly kind: 'step'; readonly dieAt: DieAt }
  /** SIGTERM, and SIGKILL so many milliseconds later. */
  | { readonly kind: 'drain'; readonly after: number };

export const nameOf = (death: Death): string => (death.kind === 'step' ? death.dieAt.step : death.kind);

export function serverDeath(random: Random): Death {
  const draw = random.next();
  if (draw < 0.35) return { kind: 'random', after: random.between(0, 600) };
  if (draw < 0.5) return { kind: 'early', after: random.between(0, 150) };
  if (draw < 0.6) return { kind: 'drain', after: random.between(0, 40) };
  const step = random.pick(serverSteps);
  // Of these there are few in the life of a server.
  const rare = ['hello', 'claim', 'claimed', 'replay'].includes(step);
  return { kind: 'step', dieAt: { step, count: random.between(1, rare ? 3 : 60) } };
}

export function clientDeath(random: Random): Death {
  const draw = random.next();
  if (draw < 0.35) return { kind: 'random', after: random.between(0, 1_500) };
  if (draw < 0.45) return { kind: 'early', after: random.between(0, 800) };
  const step = random.pick(clientSteps);
  return { kind: 'step', dieAt: { step, count: random.between(1, step === 'full' ? 3 : 40) } };
}

/** What the network does, `after` so many milliseconds. */
export type Weather = { readonly after: number } & (
  | { readonly kind: 'cut'; readonly how: 'reset' | 'end' }
  | { readonly kind: 'cutAfter'; readonly bytes: number; readonly way: 'toServer' | 'toClient' }
  | { readonly kind: 'stall'; readonly way: 'toServer' | 'toClient' | 'both'; readonly for: number }
  | { readonly kind: 'halfClose'; readonly way: 'toServer' | 'toClient' }
);

export function weather(random: Random): Weather {
  const after = random.between(150, 2_500);
  const way = random.pick(['toServer', 'toClient'] as const);
  const draw = random.next();
  if (draw < 0.4) return { after, kind: 'cut', how: random.pick(['reset', 'end'] as const) };
  if (draw < 0.7) return { after, kind: 'cutAfter', bytes: random.between(1, 4_000), way };
  if (draw < 0.85)
    return { after, kind: 'stall', way: random.pick([way, 'both'] as const), for: random.between(50, 700) };
  return { after, kind: 'halfClose', way };
}
