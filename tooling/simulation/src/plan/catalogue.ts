import type { Act, Fault, WorldOptions } from './plan.js';

/** What a kind of fault covers of the project's fault catalogue. A kind of its own, such as a slow reader, has no id. */
export const faultCatalogue: Readonly<Record<Fault['kind'], readonly string[]>> = {
  cut: ['N1', 'N5', 'N6'],
  'cut-bytes': ['N5', 'N6'],
  'cut-handshake': ['N7'],
  'late-proof': ['N4', 'H11'],
  'half-close': ['N16'],
  stall: ['N2', 'N3', 'N4'],
  meddle: ['F6', 'F8'],
  'forge-close': [],
  'replay-handshake': ['M3', 'H8'],
  weather: ['N11'],
  'refuse-dials': ['N13'],
  'swallow-dials': ['N15'],
  reconnect: ['N18'],
  'server-crash': ['P1', 'P2', 'P3', 'P4', 'P5', 'D1'],
  'server-drain': ['P11', 'P12'],
  'rolling-restart': ['K6'],
  'store-partition': ['K3'],
  'server-stall': ['P13', 'C2', 'C5', 'O4', 'K2'],
  'client-crash': ['P7', 'P8', 'P9'],
  'crash-at-message': ['P7', 'P9'],
  'client-close': ['P9'],
  'client-stall': ['C2', 'C5'],
  takeover: ['M4'],
  'wall-jump': ['C1'],
  'clock-skew': ['K7'],
  retention: ['D7'],
  'disk-slow': ['D5'],
  'disk-crawl': ['D5'],
  'disk-fail': ['D4'],
  'disk-full': ['D4'],
  'client-disk-slow': ['D5'],
  'client-disk-fail': ['D4'],
  'slow-reader': [],
};

/** What holds all the time in a world covers, beside the faults. */
export const worldCatalogue: Readonly<Partial<Record<keyof WorldOptions, readonly string[]>>> = {
  // Two servers on one store: clients come back to either, and events are published at either.
  nodes: ['K1', 'K5', 'K9'],
  maxEntries: ['D7'],
  maxOutbox: ['O6'],
  handlerTimeout: ['P15'],
};

/** What handlers do covers. */
export const actCatalogue: Readonly<Partial<Record<Act, readonly string[]>>> = {
  fail: ['P14'],
  slow: ['P15'],
};
