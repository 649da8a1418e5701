import { describe, expect, it } from 'vitest';
import { defaultDataFolder } from '../src/data-folder.js';

describe('the data folder', () => {
  it('follows the XDG base directory specification on Linux', () => {
    expect(defaultDataFolder('linux', {}, '/home/a')).toBe('/home/a/.local/share/sealwire-demo');
    expect(defaultDataFolder('linux', { XDG_DATA_HOME: '/d' }, '/home/a')).toBe('/d/sealwire-demo');
    expect(defaultDataFolder('linux', { XDG_DATA_HOME: 'relative' }, '/home/a')).toBe(
      '/home/a/.local/share/sealwire-demo',
    );
  });

  it('is where macOS and Windows keep the data of programs', () => {
    expect(defaultDataFolder('darwin', {}, '/Users/a')).toBe(
      '/Users/a/Library/Application Support/sealwire-demo',
    );
    expect(defaultDataFolder('win32', { LOCALAPPDATA: 'D:\\local' }, 'C:\\a')).toBe(
      'D:\\local\\sealwire-demo',
    );
    expect(defaultDataFolder('win32', {}, 'C:\\a')).toBe('C:\\a\\AppData\\Local\\sealwire-demo');
  });
});
