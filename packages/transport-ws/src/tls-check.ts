import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { TransportError } from '@sealwire/transport';

/**
 * Certificates and keys are read now, so that a wrong one is told to whom gave it, by the name of the option.
 * @throws TransportError `E_OPTION`
 */
export function checkTls(tls: SecureContextOptions | undefined): void {
  if (tls === undefined) return;
  try {
    createSecureContext(tls);
  } catch (cause) {
    throw new TransportError(
      'E_OPTION',
      'tls: a certificate or key is not PEM, or they do not belong together: see the cause',
      { cause },
    );
  }
}
