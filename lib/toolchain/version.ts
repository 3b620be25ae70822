/** A semantic version's parts; `prerelease` is empty for a release. Build metadata is not kept: it has no order. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly prerelease: string;
}

/** Half-open: from `atLeast` (a pre-release of it is too old) up to, not including, `below` (nor a pre-release of it). */
export interface VersionRange {
  readonly atLeast: string;
  readonly below?: string | undefined;
}

const VERSION = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:-?((?:[a-z]|(?<=-)\d)[\w.-]*))?(?:\+[\w.-]+)?$/i;

/** Reads "2.2.0", "v2.2.0", "1.26", "2.0.0-rc1+meta" and Go's "1.27rc1"; undefined for anything else. */
export function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text.trim());
  if (match === null) return undefined;
  const [, major, minor, patch, prerelease] = match;
  return { major: Number(major), minor: Number(minor), patch: Number(patch ?? 0), prerelease: prerelease ?? '' };
}

/** False, too, for what is not a version. */
export function isInRange(text: string, range: VersionRange): boolean {
  const version = parseVersion(text);
  const lowest = parseVersion(range.atLeast);
  if (version === undefined || lowest === undefined) return false;
  const fromLowest = compareCore(version, lowest);
  if (fromLowest < 0 || (fromLowest === 0 && version.prerelease !== '')) return false;
  if (range.below === undefined) return true;
  const end = parseVersion(range.below);
  return end !== undefined && compareCore(version, end) < 0;
}

/** ">=2.1.0 <3.0.0" */
export function formatRange(range: VersionRange): string {
  return range.below === undefined ? `>=${range.atLeast}` : `>=${range.atLeast} <${range.below}`;
}

function compareCore(left: Version, right: Version): number {
  return left.major - right.major || left.minor - right.minor || left.patch - right.patch;
}
