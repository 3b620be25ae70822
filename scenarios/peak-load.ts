/**
 * Peak load on the order platform: an open stream of independent clients, each doing one thing: half ask for a quote, the
 * rest place orders, write to the ledger or read from it; one half over HTTP/JSON, the other over gRPC.
 *
 *   HTTP_URL, GRPC_ADDRESS  where the platform is
 *   API_TOKEN               bearer token, if it wants one
 *   GRPC_SHARE              0–1, share of iterations over gRPC (0.5)
 *   CUSTOMERS, SKUS         how many different ones there are, each as likely as the next (1000, 5000)
 *   REQUEST_TIMEOUT         when a client gives up (5s)
 *   SEED                    what customers, goods and the mix follow from (1)
 *
 * Plain k6: k6 run -e HTTP_URL=http://127.0.0.1:8080 -e GRPC_ADDRESS=127.0.0.1:8081 scenarios/peak-load.ts
 */
import exec from 'k6/execution';
import { numeric, optional, required } from './support/env.ts';
import { type Line, type OrderPlatform, overGrpc, overHttp } from './support/order-platform.ts';
import { arrivals, layOut } from './support/profile.ts';
import { below, pickWeighted, seededRandom } from './support/random.ts';

export const options = {
  scenarios: {
    load: arrivals({
      phases: layOut(['warm-up', 5, 50, 50], ['ramp', 10, 50, 200], ['steady', 30, 200, 200], ['recovery', 5, 50, 50]),
      maxVUs: 200,
    }),
  },
};

const MIX = { quote: 50, order: 15, append: 15, read: 20 };
const REMEMBERED_ENTRIES = 50;

const token = optional('API_TOKEN', '');
const timeout = optional('REQUEST_TIMEOUT', '5s');
const grpcShare = numeric('GRPC_SHARE', 0.5, 0, 1);
const customers = numeric('CUSTOMERS', 1_000, 1, 10_000_000);
const skus = numeric('SKUS', 5_000, 1, 10_000_000);
const seed = numeric('SEED', 1, 0, 0xffff_ffff);

const httpPlatform = overHttp({ url: required('HTTP_URL'), token, timeout });
const grpcPlatform = overGrpc({
  address: required('GRPC_ADDRESS'),
  token,
  timeout,
  protoPath: optional('PROTO_PATH', '../services/contracts/proto'),
});

// Each virtual user has its own stream of numbers, which follows from the seed and its own id (not known in the init stage).
let source: (() => number) | undefined;
const random = () => (source ??= seededRandom(seed * 7_919 + exec.vu.idInTest))();
const entries: string[] = [];

export default function () {
  const platform = random() < grpcShare ? grpcPlatform : httpPlatform;
  const kind = pickWeighted(MIX, random);
  switch (kind) {
    case 'quote':
      platform.quote(customer(), lines());
      break;
    case 'order':
      platform.placeOrder(uniqueKey('order'), customer(), lines());
      break;
    case 'append':
      append(platform);
      break;
    case 'read':
      read(platform);
      break;
    default:
      kind satisfies never;
  }
}

function append(platform: OrderPlatform): void {
  const id = platform.appendEntry(uniqueKey('entry'), customer(), 1 + below(100_000, random));
  if (id === undefined) return;
  if (entries.length < REMEMBERED_ENTRIES) entries.push(id);
  else entries[below(REMEMBERED_ENTRIES, random)] = id;
}

/** Reads back an entry that this virtual user has written; until there is one, it writes. */
function read(platform: OrderPlatform): void {
  const id = entries[below(entries.length, random)];
  if (id === undefined) append(platform);
  else platform.getEntry(id);
}

function customer(): string {
  return `customer-${below(customers, random)}`;
}

/** One to five lines, few of them large: a basket's usual shape. */
function lines(): Line[] {
  return Array.from({ length: 1 + below(5, random) }, () => ({
    sku: `sku-${below(skus, random)}`,
    quantity: random() < 0.9 ? 1 + below(9, random) : 10 + below(200, random),
  }));
}

/** Follows from run, virtual user and iteration, so that the set of possible writes is known whatever is lost. */
function uniqueKey(kind: string): string {
  return `${kind}-${optional('RUN_ID', 'plain')}-${exec.vu.idInTest}-${exec.vu.iterationInScenario}`;
}
