import { fileURLToPath } from 'node:url';
import type { ToolName } from './tool.ts';
import type { VersionRange } from './version.ts';

/** Everything that tells one tool from another. */
export interface ToolSpec {
  readonly name: ToolName;
  /** Environment variable by which a user names the binary to use. */
  readonly overrideVariable: string;
  /** Versions that are accepted from PATH. */
  readonly range: VersionRange;
  readonly versionArguments: readonly string[];
  /** The version is its first group. */
  readonly versionPattern: RegExp;
  readonly build: {
    /** The version that go.mod pins. */
    readonly version: string;
    /** What is built, for people: "go.k6.io/k6/v2 2.2.0". */
    readonly origin: string;
    /** Folder of go.mod, go.sum and, where the tool needs one, main.go (absolute). */
    readonly moduleFolder: string;
    /** The package to build, seen from that folder. */
    readonly package: string;
    readonly linkerFlags: string;
  };
}

export const TOOL_SPECS: Readonly<Record<ToolName, ToolSpec>> = {
  k6: {
    name: 'k6',
    overrideVariable: 'CUTOVER_K6',
    // The native-histograms feature flag, which the live metrics need, came with k6 2.1.
    range: { atLeast: '2.1.0', below: '3.0.0' },
    versionArguments: ['version'],
    versionPattern: /^k6(?:\.exe)? v?(\d\S*)/m,
    build: {
      version: '2.2.0',
      origin: 'go.k6.io/k6/v2 2.2.0',
      moduleFolder: moduleFolder('k6'),
      package: '.',
      linkerFlags: '-s -w',
    },
  },
  'toxiproxy-server': {
    name: 'toxiproxy-server',
    overrideVariable: 'CUTOVER_TOXIPROXY_SERVER',
    range: { atLeast: '2.9.0', below: '3.0.0' },
    versionArguments: ['-version'],
    versionPattern: /\bversion v?(\d\S*)/,
    build: {
      version: '2.12.0',
      origin: 'github.com/Shopify/toxiproxy/v2 2.12.0',
      moduleFolder: moduleFolder('toxiproxy-server'),
      package: 'github.com/Shopify/toxiproxy/v2/cmd/server',
      // Without this it calls itself "git".
      linkerFlags: '-s -w -X github.com/Shopify/toxiproxy/v2.Version=2.12.0',
    },
  },
};

function moduleFolder(name: ToolName): string {
  return fileURLToPath(new URL(`./modules/${name}`, import.meta.url));
}
