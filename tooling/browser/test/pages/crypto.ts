import { crypto } from '@sealwire/crypto';
import { cryptoSuite } from '@sealwire/crypto/testkit';
import { collecting } from './facts.js';

cryptoSuite(collecting, crypto, { encryptedKeys: false });
document.title = 'ready';
