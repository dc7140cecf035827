import { baseName, type RelativePath } from './relative-path.ts';

/** Why a file system of some platform cannot hold a name. */
export type NameProblem = 'reserved' | 'forbidden-character' | 'trailing-dot-or-space';

/** Names of devices in every folder of Windows, with any extension, in any case (Microsoft, "Naming Files"). */
const WINDOWS_DEVICE =
  /^(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|COM[0-9\u00b9\u00b2\u00b3]|LPT[0-9\u00b9\u00b2\u00b3])\s*(?:\.|$)/i;
/** Short names under which Windows, and Linux on FAT, may open a folder that is called `.compartidos`. */
const WINDOWS_PRIVATE = /^(?:COMPAR|CO[0-9A-F]{4})~[0-9]$/i;
const WINDOWS_FORBIDDEN = new Set([...'<>:"|?*\\']);
const FIRST_PRINTABLE = ' ';

/**
 * Why `platform` (a value of process.platform) cannot hold `path`, or undefined when it can. Names are never changed
 * to fit: whoever cannot hold one skips the file.
 */
export function nameProblem(path: RelativePath, platform: string): NameProblem | undefined {
  if (platform !== 'win32') return undefined;
  for (const segment of path.split('/')) {
    if (WINDOWS_DEVICE.test(segment) || WINDOWS_PRIVATE.test(segment)) return 'reserved';
    if (hasForbiddenCharacter(segment)) return 'forbidden-character';
    if (/[. ]$/.test(segment)) return 'trailing-dot-or-space';
  }
  return undefined;
}

/** Whether `name` has a character that neither Windows nor its file systems allow. */
function hasForbiddenCharacter(name: string): boolean {
  for (const character of name.replaceAll('/', '')) {
    if (character < FIRST_PRINTABLE || WINDOWS_FORBIDDEN.has(character)) return true;
  }
  return false;
}

/**
 * The same text for two paths that a case-insensitive file system takes for one. Such file systems differ in rare
 * letters; where this says "different", creating a file without replacing any still decides.
 */
export function caseFold(path: RelativePath): string {
  return path.toUpperCase().toLowerCase().normalize('NFC');
}

/** Whether `names` has another spelling of the last segment of `path`, but not that one itself. */
export function hasCaseTwin(path: RelativePath, names: Iterable<string>): boolean {
  const own = baseName(path);
  const folded = caseFold(own as RelativePath);
  let twin = false;
  for (const name of names) {
    const normal = name.normalize('NFC');
    if (normal === own) return false;
    twin ||= caseFold(normal as RelativePath) === folded;
  }
  return twin;
}
