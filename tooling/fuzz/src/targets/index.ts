import type { Target } from '../engine/target.js';
import { answers, reconnect } from './client.js';
import { keyFiles, keyImport, opener } from './crypto.js';
import { clientFrame, hello, serverFrame, welcome } from './framing.js';
import { boundChallenge, frameCipher } from './hardening.js';
import { json } from './json.js';
import { options } from './options.js';
import { clientSession, hardenedSessions, serverSession } from './sessions.js';
import { clientImage, journal } from './store-file.js';
import { lmdbFolder, lmdbRecords, lmdbRows } from './store-lmdb.js';
import { challengeGuard, closes, errorTexts } from './texts.js';
import { httpAnswers, urls } from './transport-ws.js';
import { xdrReader, xdrSchemas } from './xdr.js';

export const targets: readonly Target[] = [
  xdrSchemas,
  xdrReader,
  hello,
  welcome,
  clientFrame,
  serverFrame,
  challengeGuard,
  json,
  serverSession,
  clientSession,
  hardenedSessions,
  errorTexts,
  closes,
  keyFiles,
  keyImport,
  opener,
  boundChallenge,
  frameCipher,
  journal,
  clientImage,
  lmdbRecords,
  lmdbRows,
  lmdbFolder,
  urls,
  httpAnswers,
  options,
  reconnect,
  answers,
];
