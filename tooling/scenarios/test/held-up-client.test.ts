import { loadScripts } from '@sealwire/scenarios';
import { againstClient, holdsUp } from './against-client.js';

againstClient(loadScripts('client').filter(holdsUp));
